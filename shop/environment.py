"""Settings from the environment, with errors that name the variable and the fix."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured

WANTED = {int: "a whole number", float: "a number", bool: "true or false"}
TRUTHS = frozenset({"true", "on", "ok", "y", "yes", "1"})
FALSEHOODS = frozenset({"false", "off", "n", "no", "0", ""})
BROKER_SCHEMES = ("redis", "rediss", "redis+socket")


class Environment(environ.Env):  # type: ignore[misc]
    """``environ.Env`` whose error messages name the variable and the fix."""

    def get_value(self, var: str, cast: Any = None, *rest: Any, **options: Any) -> Any:
        given = self.ENVIRON.get(var)
        default = options.get("default")
        if cast is bool and given is not None and not is_truth_value(given):
            # The library reads every unknown word as "false", so that PRODUCTION=ture
            # would switch the protection off silently.
            raise wrong_value(var, given, WANTED[bool], default)
        try:
            return super().get_value(var, cast, *rest, **options)
        except ValueError as error:
            raise wrong_value(
                var, given, WANTED.get(cast, "usable"), default
            ) from error

    def checked(
        self, var: str, check: Callable[[str], object], wanted: str, *, default: str
    ) -> str:
        """Return the value, if ``check`` raises no ValueError or KeyError for it."""
        value: str = self.str(var, default=default)
        try:
            check(value)
        except (ValueError, KeyError) as error:
            raise wrong_value(var, value, wanted, default) from error
        return value

    def database(self, var: str) -> dict[str, Any]:
        """Return Django's settings of the database behind a URL."""
        try:
            described: dict[str, Any] = self.db_url(var)
        except ValueError:
            described = {}
        if not described.get("ENGINE", "").startswith("django."):
            wanted = "a database URL such as postgres://user:password@host:5432/shop"
            raise wrong_value(var, self.ENVIRON.get(var), wanted, "SQLite in DATA_DIR")
        return described

    def mail(self, var: str, *, default: str) -> dict[str, Any]:
        """Return Django's mail settings behind a URL."""
        try:
            described: dict[str, Any] = self.email_url(var, default=default)
        except (ValueError, ImproperlyConfigured) as error:
            wanted = "a mail URL such as smtp+tls://user:password@host:587"
            raise wrong_value(var, self.ENVIRON.get(var), wanted, default) from error
        return described


def is_truth_value(word: str) -> bool:
    return word.strip().lower() in TRUTHS | FALSEHOODS


def require_broker_url(url: str) -> None:
    """Raise ValueError unless this is a URL of Redis or Valkey."""
    if urlsplit(url).scheme not in BROKER_SCHEMES:
        raise ValueError(url)


def wrong_value(
    var: str, given: str | None, wanted: str, default: object
) -> ImproperlyConfigured:
    """Return the error for a value that is not ``wanted``."""
    # A URL can hold a password, and this text is written to logs.
    shown = "The value of " + var if given and "@" in given else f'{var}="{given}"'
    return ImproperlyConfigured(
        f"{shown} is not {wanted}. Correct it, or remove it from the environment "
        f"(or .env) to get the default: {default}"
    )


def make_folder(folder: Path, var: str) -> None:
    """Make the folder that ``var`` names, if it does not exist."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f'the folder "{folder}" cannot be made ({error.strerror}). '
            f"Name another one with {var}=/path/to/folder"
        )
        raise ImproperlyConfigured(message) from error
