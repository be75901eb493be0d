"""One look at everything that must not be forgotten; what the sweeper repeats."""

from dataclasses import asdict

from django.db import close_old_connections

from checkout.saga.sweeper import sweep
from checkout.webhook_events import sweep_events
from inventory.services import expire_holds


def look_once() -> dict[str, int]:
    """Relaunch overdue sagas, alert, expire holds, apply forgotten webhooks.

    Returns how much of each was done. Safe beside any number of others.
    """
    close_old_connections()
    return {
        **asdict(sweep()),
        "holds_expired": expire_holds(),
        "events_applied": sweep_events(),
    }
