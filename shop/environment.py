"""Settings from the environment, with errors that name the variable and the fix."""

from pathlib import Path
from typing import Any

import environ  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured

WANTED = {int: "a whole number", float: "a number", bool: "true or false"}
TRUTHS = frozenset({"true", "on", "ok", "y", "yes", "1"})
FALSEHOODS = frozenset({"false", "off", "n", "no", "0", ""})


class Environment(environ.Env):  # type: ignore[misc]
    """``environ.Env`` whose complaints a person without the source can act upon."""

    def get_value(self, var: str, cast: Any = None, *rest: Any, **options: Any) -> Any:
        given = self.ENVIRON.get(var)
        if cast is bool and given is not None:
            # The library takes every word it does not know for "false", so a typing
            # error in PRODUCTION=ture would switch the protection off in silence.
            require_truth(var, given, options.get("default"))
        try:
            return super().get_value(var, cast, *rest, **options)
        except ValueError as error:
            raise wrong(var, given, cast, options.get("default")) from error


def require_truth(var: str, given: str, default: Any) -> None:
    if given.strip().lower() not in TRUTHS | FALSEHOODS:
        raise wrong(var, given, bool, default)


def wrong(var: str, given: str | None, cast: Any, default: Any) -> ImproperlyConfigured:
    wanted = WANTED.get(cast, "usable")
    return ImproperlyConfigured(
        f'{var}="{given}" is not {wanted}. Correct it, or remove it from the '
        f"environment (or .env) to get the default: {var}={str(default).lower()}"
    )


def make_folder(folder: Path, var: str) -> None:
    """Make the folder that ``var`` names, if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f'the folder "{folder}" cannot be made ({error.strerror}). '
            f"Name another one with {var}=/path/to/folder"
        )
        raise ImproperlyConfigured(message) from error
