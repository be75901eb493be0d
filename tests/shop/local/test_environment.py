"""A wrong variable is named, with what it should be and how to get the default."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from shop.environment import Environment, make_folder, require_broker_url

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that an Environment sees; only these."""
    variables: dict[str, str] = {}
    monkeypatch.setattr(Environment, "ENVIRON", variables)
    return variables


def complaint(refusal: pytest.ExceptionInfo[ImproperlyConfigured]) -> str:
    return str(refusal.value)


def test_a_number_that_is_none_is_named(environ: dict[str, str]) -> None:
    environ["PORT"] = "abc"

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().int("PORT", default=8000)

    assert complaint(refusal) == (
        'PORT="abc" is not a whole number. Correct it, or remove it from the '
        "environment (or .env) to get the default: 8000"
    )


@pytest.mark.parametrize("word", ["ture", "enabled", "2"])
def test_a_switch_with_a_typing_error_is_not_taken_for_off(
    environ: dict[str, str], word: str
) -> None:
    environ["PRODUCTION"] = word

    with pytest.raises(ImproperlyConfigured, match=f'"{word}" is not true or false'):
        Environment().bool("PRODUCTION", default=False)


@pytest.mark.parametrize(
    ("word", "meant"), [("true", True), (" Yes ", True), ("0", False), ("", False)]
)
def test_a_switch_reads_what_people_write(
    environ: dict[str, str], word: str, meant: bool
) -> None:
    environ["PRODUCTION"] = word

    assert Environment().bool("PRODUCTION", default=False) is meant


def test_a_text_is_checked_and_its_default_used(environ: dict[str, str]) -> None:
    wanted = ("a broker URL", "redis://localhost")
    env = Environment()
    assert (
        env.checked("R", require_broker_url, wanted[0], default=wanted[1]) == wanted[1]
    )
    environ["R"] = "http://localhost"

    with pytest.raises(ImproperlyConfigured, match=r'R="http://.*" is not a broker U'):
        env.checked("R", require_broker_url, wanted[0], default=wanted[1])


@pytest.mark.parametrize("url", ["abc", "foo://x", ""])
@pytest.mark.filterwarnings("ignore:Engine not recognized from url")
def test_a_database_url_that_is_none_is_refused(
    environ: dict[str, str], url: str
) -> None:
    environ["DATABASE_URL"] = url

    with pytest.raises(ImproperlyConfigured, match="is not a database URL such as"):
        Environment().database("DATABASE_URL")


def test_a_password_in_a_wrong_url_is_not_repeated(environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = "postgres://shop:secret@host:abc/shop"

    with pytest.raises(ImproperlyConfigured) as refusal:
        Environment().database("DATABASE_URL")

    assert "secret" not in complaint(refusal)
    assert "The value of DATABASE_URL is not" in complaint(refusal)


def test_urls_of_database_and_mail_are_understood(environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = "postgres://shop:pw@host:5433/shop"
    environ["EMAIL_URL"] = "smtp+tls://me:pw@mail.example.com:587"

    database = Environment().database("DATABASE_URL")
    mail = Environment().mail("EMAIL_URL", default="filemail:")

    assert (database["HOST"], database["PORT"]) == ("host", 5433)
    assert (mail["EMAIL_HOST"], mail["EMAIL_USE_TLS"]) == ("mail.example.com", True)


def test_a_mail_url_that_is_none_is_refused(environ: dict[str, str]) -> None:
    environ["EMAIL_URL"] = "xyz"

    with pytest.raises(ImproperlyConfigured, match='EMAIL_URL="xyz" is not a mail URL'):
        Environment().mail("EMAIL_URL", default="filemail:")


def test_a_folder_that_cannot_be_made_names_its_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ImproperlyConfigured, match="DATA_DIR=/path/to/folder"):
        make_folder(tmp_path / "file" / "below", "DATA_DIR")


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
    assert done.stderr.startswith('Configuration: PORT="abc" is not a whole number.')
    assert len(done.stderr.splitlines()) == 1
