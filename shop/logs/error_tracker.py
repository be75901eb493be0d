"""Send faults to an error tracker that speaks Sentry's protocol, if SENTRY_DSN is set.

What is sent is built anew from the few fields below, so that nothing that the SDK
collects, or will collect one day, can leave the shop: no request, no local variables,
no user, no breadcrumbs. Texts are covered as in the log.
"""

import logging
import sys
from pathlib import Path
from typing import Any, cast

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from shop.logs.context import fields
from shop.logs.privacy import clean
from shop.processes.roles import role_of

# Alerts to staff: they have channels of their own.
NOT_SENT = frozenset({"checkout.alerts.channels"})
_KEPT = (
    *("event_id", "timestamp", "level", "logger", "platform"),
    *("release", "environment", "server_name"),
)
_KEPT_OF_FRAME = (
    *("filename", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)


def start(dsn: str, environment: str, folder: Path) -> None:
    """Send what is logged as an error, and what ends a process, from now on.

    The folder's name is the release: servers keep each version in one of its own.
    """
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=folder.resolve().name,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        before_send=scrub,
        include_local_variables=False,
        max_breadcrumbs=0,
        auto_session_tracking=False,
        shutdown_timeout=2,
    )


def scrub(event: Event, hint: Hint) -> Event | None:
    """Return a new event with what may leave the shop, or None for none."""
    found = cast("dict[str, Any]", event)
    record: logging.LogRecord | None = hint.get("log_record")
    if record is not None and record.name in NOT_SENT:
        return None
    kept: dict[str, Any] = {name: found[name] for name in _KEPT if name in found}
    if record is not None:
        kept["logentry"] = {
            "message": clean(str(record.msg)),
            "formatted": clean(record.getMessage()),
        }
    raised = (found.get("exception") or {}).get("values") or []
    if raised:
        kept["exception"] = {"values": [_scrub_error(each) for each in raised]}
    about = {name: clean(str(value)) for name, value in fields().items()}
    kept["tags"] = {**about, "role": role_of(sys.argv)}
    return cast("Event", kept)


def _scrub_error(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "value": clean(str(error.get("value") or "")),
        "stacktrace": {
            "frames": [
                {name: frame[name] for name in _KEPT_OF_FRAME if name in frame}
                for frame in frames
            ]
        },
    }
