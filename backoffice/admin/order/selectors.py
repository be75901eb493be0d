"""What the staff's pages about one order show, ready for the templates."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.order.correspondence import mails, webhooks
from backoffice.admin.order.graph import Way, draw, way
from backoffice.admin.order.timeline import tries
from backoffice.admin.refunds.forms import money_back
from backoffice.error_catalogue import entry_of
from backoffice.order_overview import OrderOverview
from backoffice.previews.order import of_resuming_all
from checkout.status import money
from checkout.status.progress import Outcome, progress_of
from inventory.models import Hold, Movement, StockItem
from orders.models import OrderLine, Payment
from saga.models import CLAIMABLE, Attempt, Direction, State
from shop import formatting
from shop.formatting import Wording
from shop.redaction import COVER, redact_text

_SEES: dict[Outcome, Wording] = {
    "working": _("Their page shows the order being processed."),
    "retrying": _("Their page says that it takes a little longer; nothing to do."),
    "checking_bank": _("Their page says that we are checking with the bank."),
    "waiting_for_bank": _("Their page says that we are waiting for the bank."),
    "needs_challenge": _("Their page asks them to answer their bank."),
    "needs_card": _("Their page asks them for another card."),
    "needs_voucher": _("Their page shows the numbers to pay with at a store."),
    "accepted": _("Their page says: accepted, your card is charged when we ship."),
    "on_hold": _("Their page says: your order is on hold with us, do not pay again."),
    "cancelled": _("Their page says: cancelled, nothing was charged."),
    "done": _("Their page says: your order is complete."),
}
_ACTED: dict[str, Wording] = {
    Attempt.Outcome.RESUMED: _("Resumed by %(who)s at %(time)s. Now: %(now)s."),
    Attempt.Outcome.EDITED: _(
        "Resumed with another input by %(who)s at %(time)s. Now: %(now)s."
    ),
    Attempt.Outcome.MARKED: _(
        "A step was marked as done by %(who)s at %(time)s. Now: %(now)s."
    ),
    Attempt.Outcome.SKIPPED: _(
        "A step was skipped by %(who)s at %(time)s. Now: %(now)s."
    ),
    Attempt.Outcome.CANCELLED: _("Cancelled by %(who)s at %(time)s. Now: %(now)s."),
}
_OK, _BAD, _CALM = "ok", "bad", "calm"


@dataclass(frozen=True)
class Goods:
    """One line of the order beside what the stock says about it."""

    line: OrderLine
    hold: Hold | None
    item: StockItem | None


@dataclass(frozen=True)
class Moving:
    """One order on the page that shows how several are getting on."""

    case: OrderOverview
    tone: str
    headline: str
    way: Way


def order_page(case: OrderOverview) -> dict[str, Any]:
    """Return all that the page of one order shows."""
    attempts = case.family.history()
    tone, headline = _headline(case, attempts)
    return {
        **saga_parts(case, attempts),
        "case": case,
        "original": case.order,
        "tone": tone,
        "headline": headline,
        "cause": wording.cause(case.saga) if case.saga.error else "",
        "error": redact_text(case.saga.error, COVER),
        "fault": entry_of(case.saga),
        "errors_url": errors_url(),
        "money": money.money(case.payment, case.saga),
        "sees": str(_SEES[progress_of(case.order).outcome]),
        "next_action": wording.next_action(case.saga),
        "age": formatting.age(case.stopped_since) if case.stopped_since else "",
        "goods": _goods(case),
        "movements": _movements(case),
        "preview": of_resuming_all(case),
        "also": [
            wording.failure(saga) for saga in case.family.failed if saga != case.saga
        ],
    }


def saga_parts(case: OrderOverview, attempts: list[Attempt]) -> dict[str, Any]:
    """Return the picture, the timeline and the payment: shown with any order."""
    cards = list(case.payment.attempts.all())
    return {
        "saga": case.saga,
        "way": way(draw(case.family, attempts), case.family),
        "tries": tries(case, attempts, cards),
        "payment": case.payment,
        "card_attempts": cards,
        "stripe_url": stripe_url(case.payment.intent_id),
        **money_back(case.payment),
        "webhooks": webhooks(case.payment),
        "mails": mails(case),
        "is_moving": _is_moving(case),
    }


def progress_of_all(cases: list[OrderOverview]) -> dict[str, Any]:
    """Return how several orders are getting on. One query more for all histories."""
    members = [saga.pk for case in cases for saga in case.family.members]
    by_saga: dict[int, list[Attempt]] = {pk: [] for pk in members}
    for row in Attempt.objects.filter(saga__in=members):
        by_saga[row.saga_id].append(row)
    moving = []
    for case in cases:
        rows = [row for saga in case.family.members for row in by_saga[saga.pk]]
        attempts = sorted(rows, key=lambda row: row.pk) + case.family.present_tries()
        tone, headline = _headline(case, attempts)
        picture = way(draw(case.family, attempts), case.family)
        moving.append(Moving(case, tone, headline, picture))
    return {"moving": moving, "is_moving": any(_is_moving(case) for case in cases)}


def _is_moving(case: OrderOverview) -> bool:
    return any(saga.state in CLAIMABLE for saga in case.family.members)


def stripe_url(intent_id: str | None) -> str:
    """Return where a payment can be looked at: Stripe's dashboard, or the sandbox."""
    if not intent_id:
        return ""
    if settings.STRIPE_IS_SANDBOX:
        return f"{settings.STRIPE_API_BASE}/_sandbox/intents"
    test = "test/" if "_test_" in settings.STRIPE_SECRET_KEY else ""
    return f"https://dashboard.stripe.com/{test}payments/{intent_id}"


def errors_url() -> str:
    """Return where the catalogue of errors can be read: beside the runbook."""
    return str(settings.RUNBOOK_URL).replace("README.md", "errors.md")


def _headline(case: OrderOverview, attempts: list[Attempt]) -> tuple[str, str]:
    """Return (tone, sentence): the one thing to know about the order now."""
    saga = case.saga
    if case.is_stopped:
        return _BAD, _stopped(case)
    acts = [row for row in attempts if row.is_act]
    if acts:
        values = {
            "who": acts[-1].actor,
            "time": formatting.moment(acts[-1].started_at),
            "now": _now(case),
        }
        tone = _OK if saga.state == State.DONE else _CALM
        return tone, str(_ACTED[acts[-1].outcome]) % values
    if saga.alert_wanted_at and saga.state == State.WAITING:
        return _BAD, gettext("It waits for you: %(why)s.") % {"why": saga.error}
    if saga.alert_wanted_at:
        return _BAD, gettext("It keeps trying, in vain so far: %(failure)s.") % {
            "failure": wording.failure(saga)
        }
    tone = _OK if saga.state == State.DONE else _CALM
    return tone, gettext("Nothing to do here. Now: %(now)s.") % {"now": _now(case)}


def _stopped(case: OrderOverview) -> str:
    values = {
        "money": money.money(case.payment, case.saga)[1],
        "failure": wording.failure(case.saga),
    }
    if case.saga.direction == Direction.UNDO:
        return gettext("%(money)s; while cancelling, %(failure)s.") % values
    if case.payment.status == Payment.Status.CAPTURED:
        return gettext("%(money)s, but %(failure)s.") % values
    return gettext("%(money)s; %(failure)s.") % values


def _now(case: OrderOverview) -> str:
    saga = case.saga
    if saga.state in (State.DONE, State.COMPENSATED):
        return str(saga.get_state_display())
    values = {
        "state": saga.get_state_display(),
        "step": wording.step_title(saga.step),
    }
    return gettext("%(state)s, at “%(step)s”") % values


def _goods(case: OrderOverview) -> list[Goods]:
    return [
        Goods(line, case.holds.get(line.sku), case.stock.get(line.sku))
        for line in case.lines
    ]


def _movements(case: OrderOverview) -> list[Movement]:
    """Return what moved for the order, with its refunds and its missing goods."""
    number = case.order.number
    later = Q(reference__startswith=f"{number} ")
    rows = Movement.objects.filter(Q(reference=number) | later)
    return list(rows.select_related("item"))
