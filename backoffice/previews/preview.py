"""The preview of an action, shown to staff before it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preview:
    """``effects`` says what it will and will not do, ``warnings`` what may stop it."""

    effects: list[str]
    warnings: list[str]
