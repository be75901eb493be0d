"""Set and lift a pause of checkout and the banner; refuse orders while it is paused.

Once ``pause`` has returned, no order is placed until the pause is lifted. Transactions
that place an order and those that pause take the same lock, the gate (docs/adr/0015).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, Q
from django.utils.translation import gettext, override

from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.models import Announcement
from shop import database_clock
from shop.database_clock import Now

_Kind = Announcement.Kind
# The gate's number among the database's advisory locks; nothing else uses them.
_GATE = 7_283_746
# Any number of orders pass side by side; closing the gate waits for all of them.
_ENTER = "SELECT pg_advisory_xact_lock_shared(%s)"
_CLOSE = "SELECT pg_advisory_xact_lock(%s)"


def enter() -> Q:
    """Enter the gate; return the condition that checkout is not paused.

    Must be called in the transaction that places the order, whose next statement must
    contain the condition. A pause that is being written waits for that transaction to
    end. A pause that was written before is found by the condition.
    """
    _pass_gate(_ENTER)
    pauses = Announcement.objects.filter(kind=_Kind.PAUSE, lifted_at=None)
    return ~Q(Exists(pauses))


def refuse_while_paused() -> None:
    """Raise CheckoutPaused while checkout is paused."""
    pause = active_announcements().pause
    if pause is not None:
        raise CheckoutPaused(pause)


@transaction.atomic
def pause(
    actor: str, reason: str, message_en: str = "", message_ja: str = ""
) -> Announcement:
    """Take no new orders from now on; orders that were placed are processed.

    For an empty message the usual one is shown. Raises CheckoutPaused when it is
    paused already, with that pause unchanged.
    """
    _pass_gate(_CLOSE)
    refuse_while_paused()
    return Announcement.objects.create(
        kind=_Kind.PAUSE,
        message_en=message_en or usual_message("en"),
        message_ja=message_ja or usual_message("ja"),
        set_at=database_clock.read(),
        set_by=actor,
        reason=reason,
    )


@transaction.atomic
def put_up(
    actor: str,
    reason: str,
    messages: tuple[str, str],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Announcement:
    """Show a banner (English, Japanese) in place of the active one.

    Twice is once.
    """
    # Two at once: the second one replaces the first.
    _pass_gate(_CLOSE)
    wanted = {
        "message_en": messages[0],
        "message_ja": messages[1],
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    before = active_announcements().banner
    if before is not None:
        if all(getattr(before, name) == value for name, value in wanted.items()):
            return before
        lift(before, actor, reason)
    return Announcement.objects.create(
        kind=_Kind.BANNER,
        set_at=database_clock.read(),
        set_by=actor,
        reason=reason,
        **wanted,
    )


def lift(announcement: Announcement, actor: str, reason: str) -> bool:
    """End a pause or a banner. Return False when it was lifted before."""
    rows = Announcement.objects.filter(pk=announcement.pk, lifted_at=None)
    return bool(rows.update(lifted_at=Now(), lifted_by=actor, lift_reason=reason))


def usual_message(language: str) -> str:
    """Return the message of a pause for which staff wrote none."""
    with override(language):
        return gettext(
            "We are working on the shop and take orders again soon. We are sorry for "
            "the wait."
        )


def _pass_gate(statement: str) -> None:
    # In SQLite one transaction writes at a time, and ours begin as writers, so it
    # needs no gate. PostgreSQL sees in the next statement what was committed before it.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [_GATE])


@dataclass(frozen=True)
class ActiveAnnouncements:
    """Announcements that were set and not lifted; the banner need not be due now."""

    pause: Announcement | None
    banner: Announcement | None


def active_announcements() -> ActiveAnnouncements:
    """Return the active announcements: one query."""
    rows = Announcement.objects.filter(lifted_at=None)
    by_kind = {row.kind: row for row in rows}
    kinds = Announcement.Kind
    return ActiveAnnouncements(by_kind.get(kinds.PAUSE), by_kind.get(kinds.BANNER))
