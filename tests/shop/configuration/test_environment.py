"""A wrong variable is named, with what it should be and how to get the default."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from shop.configuration.environment import Environment, make_folder, recorded
from shop.configuration.meanings import MEANINGS
from shop.local.paths import Paths
from tests.support.reference import entries

ROOT = Path(__file__).parents[3]


def complaints(env: Environment) -> list[str]:
    """Return what ``env`` refuses, a line each."""
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.refuse_wrong_values()
    return str(refusal.value).splitlines()


def test_a_wrong_value_is_named_with_what_it_should_be() -> None:
    env = Environment({"PORT": "abc"})

    assert env.int("PORT", default=8000) == 8000
    (said,) = complaints(env)
    assert said == (
        'PORT="abc" is not a whole number from 1 to 65534. Correct it, or remove it '
        "from the environment (or .env) to get the default: 8000"
    )


def test_all_wrong_values_are_named_at_once() -> None:
    env = Environment({"PORT": "abc", "DEBUG": "ture", "WORKERS": "3"})
    env.int("PORT", default=8000)
    env.bool("DEBUG", default=False)
    env.int("WORKERS", default=2)

    assert [line.split("=")[0] for line in complaints(env)] == ["PORT", "DEBUG"]


def test_urls_of_database_and_mail_are_understood() -> None:
    env = Environment(
        {
            "DATABASE_URL": "postgres://shop:pw@host:5433/shop",
            "EMAIL_URL": "smtp+tls://me:pw@mail.example.com:587",
        }
    )

    database = env.database("DATABASE_URL", default={})
    mail = env.mail("EMAIL_URL", default="filemail:")

    assert (database["HOST"], database["PORT"]) == ("host", 5433)
    assert (mail["EMAIL_HOST"], mail["EMAIL_USE_TLS"]) == ("mail.example.com", True)


def test_the_file_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "\ufeff# a comment\n\nexport PORT=8010\nWORKERS=7\n"
        "DEFAULT_FROM_EMAIL='みなと <shop@example.com>'\r\n"
        'DATA_DIR="/srv/\\"a\\" b"\n',
        encoding="utf-8",
    )
    variables = {"WORKERS": "3"}

    Environment(variables).read_file("ENV_FILE", default=file)

    assert variables == {
        "PORT": "8010",
        "WORKERS": "3",
        "DEFAULT_FROM_EMAIL": "みなと <shop@example.com>",
        "DATA_DIR": '/srv/"a" b',
    }


def test_without_a_file_nothing_is_read(tmp_path: Path) -> None:
    env = Environment({})

    env.read_file("ENV_FILE", default=tmp_path / ".env")

    env.refuse_wrong_values()
    assert not env.variables


def test_a_file_that_was_named_but_is_not_there_is_refused(tmp_path: Path) -> None:
    env = Environment({"ENV_FILE": str(tmp_path / "no.env")})

    env.read_file("ENV_FILE", default=tmp_path / ".env")

    (said,) = complaints(env)
    assert said == (
        f"The file of settings {tmp_path}/no.env cannot be read (No such file or "
        "directory). Correct it, or name another one in ENV_FILE"
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"SHOP=\x82\xdd\x82\xc8\x82\xc6", "cannot be read (it is not UTF-8)."),
        (b"#\nPORT = 8000", "Line 2 of {file} is not NAME=value."),
        (b"PORT: 8000", "Line 1 of {file} is not NAME=value."),
        (b"ALERT_EMAIL=a@example.com", "sets ALERT_EMAIL, which is no setting. Write"),
    ],
)
def test_a_file_that_would_be_misread_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    env = Environment({})

    env.read_file("ENV_FILE", default=file)

    (said,) = complaints(env)
    assert complaint.format(file=file) in said


SECRETS = sorted(name for name, kind in MEANINGS.items() if kind.secret)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_can_be_in_a_file(tmp_path: Path, name: str) -> None:
    example = next(e.value for e in entries() if e.name == name)
    (tmp_path / "secret").write_text(f"{example}\n")
    given, filed = (
        Environment({name: example}),
        Environment({f"{name}_FILE": str(tmp_path / "secret")}),
    )

    assert filed.str(name, default="") == given.str(name, default="")

    filed.refuse_wrong_values()
    assert name not in filed.variables


def test_a_secret_is_in_a_file_or_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 60)
    env = Environment(
        {"SECRET_KEY": "ab3de" * 12, "SECRET_KEY_FILE": str(tmp_path / "key")}
    )
    env.str("SECRET_KEY", default="")

    (said,) = complaints(env)
    assert said == "SECRET_KEY and SECRET_KEY_FILE are both set. Remove one of them"


def test_a_file_of_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    env = Environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    env.str("SECRET_KEY", default="")

    (said,) = complaints(env)
    assert said.startswith(
        f'SECRET_KEY_FILE="{tmp_path}/key" cannot be read (No such file or directory)'
    )


def test_what_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8010")

    assert (
        Environment({"PORT_FILE": str(tmp_path / "port")}).int("PORT", default=1) == 1
    )


def test_the_name_of_a_secrets_file_is_no_typing_error(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    lines = [f"{name}_FILE={tmp_path}/{name}" for name in SECRETS]
    file.write_text("\n".join([*lines, "SECRET_KEY_FIEL=x"]))
    env = Environment({})

    env.read_file("ENV_FILE", default=file)

    (said,) = complaints(env)
    assert "SECRET_KEY_FIEL, which is no setting. Write SECRET_KEY_FILE" in said


def test_the_file_may_set_what_is_no_setting_of_the_shop(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POSTGRES_PASSWORD=1\nCOMPOSE_PROJECT_NAME=shop\n")
    env = Environment({})

    env.read_file("ENV_FILE", default=file)

    env.refuse_wrong_values()


def test_a_folder_that_cannot_be_made_names_its_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ImproperlyConfigured, match="DATA_DIR=/path/to/folder"):
        make_folder(tmp_path / "file" / "below", "DATA_DIR")


def test_a_folder_that_cannot_be_written_to_names_its_variable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with as_nobody(), pytest.raises(ImproperlyConfigured, match="DATA_DIR=/path"):
        make_folder(tmp_path, "DATA_DIR")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Take away the rights of root: it may write into every folder."""
    own = os.getuid()
    if own == 0:
        os.setreuid(65_534, 0)
    try:
        yield
    finally:
        if own == 0:
            os.setreuid(0, 0)


def test_a_command_shows_the_complaint_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATA_DIR": str(tmp_path),
            "PORT": "abc",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith('Configuration: PORT="abc" is not a whole number')
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_record_of_the_port_is_named(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.ports_file.write_text("{")

    with pytest.raises(ImproperlyConfigured, match=r"ports\.json is damaged; delete"):
        recorded(paths.recorded_port)


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, "31536000 False False"),
        ({"HSTS_SECONDS": "0"}, "0 False False"),
        ({"HSTS_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}, "31536000 True True"),
        ({"PRODUCTION": "false"}, "0 False False"),
    ],
)
def test_the_owner_decides_what_browsers_remember(
    tmp_path: Path, variables: dict[str, str], header: str
) -> None:
    shown = "SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD"
    done = subprocess.run(
        [sys.executable, "-c", f"from shop.settings import *; print({shown})"],
        cwd=ROOT,
        env={
            **os.environ,
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(tmp_path),
            "PRODUCTION": "true",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == header, done.stderr
