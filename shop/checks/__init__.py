"""System checks: settings that do not fit together are refused before a start.

What each setting may be by itself is said in ``shop/configuration/meanings.py``.
"""

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

# Importing registers the checks.
from shop.checks import (
    connections,
    customers,
    payments,
    production,
    relations,
    warehouse,
)

__all__ = [
    "connections",
    "customers",
    "payments",
    "production",
    "refuse_unsafe_settings",
    "relations",
    "warehouse",
]


def refuse_unsafe_settings() -> None:
    """Run all system checks, for servers that ``manage.py`` does not start.

    Raises ImproperlyConfigured with each serious message and its hint.
    """
    serious = [
        str(message)
        for message in run_checks()
        if message.is_serious() and not message.is_silenced()
    ]
    if serious:
        raise ImproperlyConfigured("\n\n".join(["Not started:", *serious]))
