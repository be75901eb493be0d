"""Replay: read the provider's own list of events, and apply those that were missed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from checkout.payments.gateway import ProviderNotice, get_gateway
from checkout.webhooks import failures, problems
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import store, try_event
from shop import database_clock

logger = logging.getLogger(__name__)

# So many errors are enough to see what is wrong.
SHOWN_AT_MOST = 20


@dataclass
class Replay:
    """Counts of a replay.

    ``missed`` events never came in; ``waiting`` ones came in and were not applied.
    ``set_aside`` ones must not be applied; ``errors`` says why others ``failed``.
    """

    seen: int = 0
    missed: int = 0
    waiting: int = 0
    applied: int = 0
    set_aside: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def fail(self, event_id: str, why: str) -> None:
        self.failed += 1
        if len(self.errors) < SHOWN_AT_MOST:
            self.errors.append(f"{event_id}: {why}")


def replay(
    since: datetime,
    *,
    dry_run: bool,
    on_progress: Callable[[int], None] = lambda _seen: None,
    done: Replay | None = None,
) -> Replay:
    """Read every event since then at the provider; apply those not applied yet.

    One that fails does not stop the others, and is tried again even if it was set
    aside. Twice is once. Raises PaymentError when the provider does not answer, and
    the database's error when it is away; events applied until then stay applied. If
    none failed, the problems for which reports were refused since then are settled. A
    caller who wants the counts of a replay that raises passes them in as ``done``.
    """
    done = done or Replay()
    began = database_clock.read()
    for notice in get_gateway().notices_since(since):
        done.seen += 1
        on_progress(done.seen)
        try:
            _replay_one(notice, done, dry_run=dry_run)
        except failures.AWAY:
            raise
        except Exception as error:
            logger.exception("event %s could not be replayed", notice.id)
            done.fail(notice.id, f"{type(error).__name__}: {error}")
    if not (dry_run or done.failed):
        problems.settle_refused(since, began)
    return done


def _replay_one(notice: ProviderNotice, done: Replay, *, dry_run: bool) -> None:
    known = ProviderEvent.objects.filter(event_id=notice.id).first()
    if known and known.applied_at:
        return
    is_set_aside = bool(failures.reason_to_set_aside(notice))
    done.set_aside += is_set_aside
    done.missed += known is None
    done.waiting += known is not None and not is_set_aside
    if dry_run:
        return
    store(notice)
    if is_set_aside:
        return
    event = ProviderEvent.objects.get(event_id=notice.id)
    # What was set aside for a wrong key, or after many tries, has another chance.
    ProviderEvent.objects.filter(pk=event.pk, applied_at=None).update(
        set_aside="", tries=0, try_at=None
    )
    if try_event(event.pk):
        done.applied += 1
        return
    event.refresh_from_db()
    if event.applied_at is None:
        done.fail(notice.id, event.error)
