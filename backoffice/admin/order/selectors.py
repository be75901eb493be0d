"""Read what the pages about an order show."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.order.correspondence import list_mails, list_webhooks
from backoffice.admin.order.graph import GraphPath, arrange, draw
from backoffice.admin.order.timeline import list_tries, request_ids
from backoffice.admin.refunds.selectors import read_refunds
from backoffice.error_catalogue import find_entry
from backoffice.order_overview import OrderOverview
from backoffice.previews.order import preview_resume_all
from backoffice.stripe_pages import payment_url
from checkout.status import failures, money
from checkout.status.outcomes import Money
from checkout.status.progress import Progress, progress_of
from checkout.status.sagas import OrderSagas
from inventory.models import Hold, Movement, StockItem
from orders.models import Order, OrderLine, Payment
from saga.models import CLAIMABLE, Attempt, Direction, State
from shop import formatting
from shop.formatting import Wording
from shop.text.redaction import COVER, redact_text

_SEES: dict[str, Wording] = {
    "working": _("Their page shows the order being processed."),
    "retrying": _("Their page says that it takes a little longer; nothing to do."),
    "checking_bank": _("Their page says that we are checking with the bank."),
    "waiting_for_bank": _("Their page says that we are waiting for the bank."),
    "needs_challenge": _("Their page asks them to answer their bank."),
    "needs_card": _("Their page asks them for another card."),
    "needs_page": _("Their page leads them to the payment page of the provider."),
    "needs_voucher": _("Their page shows the numbers to pay with at a store."),
    "accepted": _("Their page says: accepted, your card is charged when we ship."),
    "on_hold": _("Their page says: your order is on hold with us, do not pay again."),
    "cancelling": _("Their page says: your order is being cancelled."),
    "done": _("Their page says: your order is complete."),
}
_SEES_CANCELLED: dict[Money, Wording] = {
    "none": _("Their page says: cancelled, nothing was charged."),
    "kept": _("Their page says: cancelled, the money is still to be given back."),
    "returned": _("Their page says: cancelled, the money was given back."),
}
_SEES_NOT_SENT = _("Their page says: not sent, the money was given back.")
_SEES_SENT = _("Their page says: on its way, the money was given back.")
_SEES_ON_ITS_WAY = _("Their page says: your order is on its way.")
_SEES_PICKED_UP = _("Their page says: you have picked up your order.")
_SEES_READY = _("Their page says: your order is ready to pick up.")
_SEES_HELD_BACK = _("Their page says: your order is on hold, some items are missing.")
_SEES_REQUEST = _("Their page says: you asked us to cancel, our staff decide.")
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
    """One line of the order, with its hold and stock item."""

    line: OrderLine
    hold: Hold | None
    item: StockItem | None


@dataclass(frozen=True)
class Moving:
    """One order on the page that shows the progress of several."""

    overview: OrderOverview
    tone: str
    headline: str
    path: GraphPath | None


def read_order_page(overview: OrderOverview) -> dict[str, Any]:
    """Return the template context of an order's page."""
    attempts = overview.sagas.history()
    tone, headline = _headline(overview, attempts)
    return {
        **read_saga_parts(overview, attempts),
        "overview": overview,
        "original": overview.order,
        "tone": tone,
        "headline": headline,
        "cause": failures.cause(overview.saga) if overview.saga.error else "",
        "error": redact_text(overview.saga.error, COVER),
        "catalogue_entry": find_entry(overview.saga),
        "errors_url": errors_url(),
        "money": money.money(overview.payment, overview.saga),
        "sees": _sees(progress_of(overview.order), overview.order),
        "next_action": wording.next_action(overview.saga),
        "age": formatting.age(overview.stopped_since) if overview.stopped_since else "",
        "goods": _goods(overview),
        "movements": _movements(overview),
        "preview": preview_resume_all(overview),
        "also": [
            overview.at(saga).failure
            for saga in overview.sagas.failed
            if saga != overview.saga
        ],
    }


def read_saga_parts(overview: OrderOverview, attempts: list[Attempt]) -> dict[str, Any]:
    """Return graph, timeline, payment and letters: shown on every order's page."""
    cards = list(overview.payment.attempts.all())
    return {
        "saga": overview.saga,
        "path": arrange(draw(overview.sagas, attempts), overview.sagas),
        "shipping_path": _path(overview.sagas.shipping, attempts),
        "exchange_paths": [
            (each.main_path.reference, _path(each, attempts))
            for each in overview.sagas.exchanges
        ],
        "cancellation_path": _path(overview.sagas.cancellation, attempts),
        "cancellations": list(overview.order.cancellations.all()),
        "tries": list_tries(overview, attempts, cards),
        "request_ids": request_ids(overview.sagas.all),
        "payment": overview.payment,
        "card_attempts": cards,
        "stripe_url": payment_url(overview.payment.intent_id),
        **read_refunds(overview.payment),
        "webhooks": list_webhooks(overview.payment),
        "mails": list_mails(overview),
        "is_moving": _is_moving(overview),
    }


def _path(sagas: OrderSagas | None, attempts: list[Attempt]) -> GraphPath | None:
    """Return the graph of a saga beside the checkout's; None without one."""
    if sagas is None:
        return None
    own = {saga.pk for saga in sagas.own}
    return arrange(draw(sagas, [a for a in attempts if a.saga_id in own]), sagas)


def read_progress(overviews: list[OrderOverview]) -> dict[str, Any]:
    """Return the progress of several orders, with one query for all histories."""
    pks = [saga.pk for overview in overviews for saga in overview.sagas.all]
    by_saga: dict[int, list[Attempt]] = {pk: [] for pk in pks}
    for row in Attempt.objects.filter(saga__in=pks):
        by_saga[row.saga_id].append(row)
    moving = []
    for overview in overviews:
        rows = [row for saga in overview.sagas.all for row in by_saga[saga.pk]]
        attempts = sorted(rows, key=lambda row: row.pk) + overview.sagas.present_tries()
        tone, headline = _headline(overview, attempts)
        sagas = overview.sagas.cancellation or overview.sagas
        moving.append(Moving(overview, tone, headline, _path(sagas, attempts)))
    return {
        "moving": moving,
        "is_moving": any(_is_moving(overview) for overview in overviews),
    }


def _is_moving(overview: OrderOverview) -> bool:
    return any(saga.state in CLAIMABLE for saga in overview.sagas.all)


def _sees(progress: Progress, order: Order) -> str:
    """Return what the customer's page says."""
    if progress.outcome == "cancelled":
        return str(_SEES_CANCELLED[progress.money])
    if progress.outcome == "done" and progress.money == "returned":
        return str(_SEES_SENT if progress.is_sent else _SEES_NOT_SENT)
    if progress.wish == "requested":
        return str(_SEES_REQUEST)
    if progress.outcome == "done" and progress.shipment == "held_back":
        return str(_SEES_HELD_BACK)
    if progress.is_sent and not order.is_pickup:
        return str(_SEES_ON_ITS_WAY)
    return str(_sees_of_pickup(progress, order) or _SEES[progress.outcome])


def _sees_of_pickup(progress: Progress, order: Order) -> Wording:
    """Return what the customer's page says of a pick-up, once it lies ready."""
    if not order.is_pickup:
        return ""
    if progress.is_sent:
        return _SEES_PICKED_UP
    is_ready = progress.is_being_packed and order.shipment.pickup_ready_at
    return _SEES_READY if is_ready else ""


def errors_url() -> str:
    """Return the address of the error catalogue, beside the runbook."""
    return str(settings.RUNBOOK_URL).replace("README.md", "errors.md")


def _headline(overview: OrderOverview, attempts: list[Attempt]) -> tuple[str, str]:
    """Return (tone, sentence): the most important fact about the order now."""
    saga = overview.saga
    if overview.is_stopped:
        return _BAD, _stopped(overview)
    acts = [row for row in attempts if row.is_act]
    if acts:
        values = {
            "who": acts[-1].actor,
            "time": formatting.moment(acts[-1].started_at),
            "now": _now(overview),
        }
        tone = _OK if saga.state == State.DONE else _CALM
        return tone, str(_ACTED[acts[-1].outcome]) % values
    if saga.alert_wanted_at and saga.state == State.WAITING:
        return _BAD, gettext("It waits for you: %(why)s.") % {"why": saga.error}
    if saga.alert_wanted_at:
        return _BAD, gettext("It keeps trying, in vain so far: %(failure)s.") % {
            "failure": overview.failure
        }
    tone = _OK if saga.state == State.DONE else _CALM
    return tone, gettext("Nothing to do here. Now: %(now)s.") % {"now": _now(overview)}


def _stopped(overview: OrderOverview) -> str:
    values = {
        "money": money.money(overview.payment, overview.saga)[1],
        "failure": overview.failure,
    }
    if overview.saga.direction == Direction.UNDO:
        return gettext("%(money)s; while cancelling, %(failure)s.") % values
    if overview.payment.status == Payment.Status.CAPTURED:
        return gettext("%(money)s, but %(failure)s.") % values
    return gettext("%(money)s; %(failure)s.") % values


def _now(overview: OrderOverview) -> str:
    saga = overview.saga
    if saga.state in (State.DONE, State.COMPENSATED):
        return str(saga.get_state_display())
    values = {
        "state": saga.get_state_display(),
        "step": wording.step_title(saga.step),
    }
    return gettext("%(state)s, at “%(step)s”") % values


def _goods(overview: OrderOverview) -> list[Goods]:
    return [
        Goods(line, overview.holds.get(line.sku), overview.stock.get(line.sku))
        for line in overview.lines
    ]


def _movements(overview: OrderOverview) -> list[Movement]:
    """Return the stock movements of the order, its refunds and its shortages."""
    number = overview.order.number
    later = Q(reference__startswith=f"{number} ")
    rows = Movement.objects.filter(Q(reference=number) | later)
    return list(rows.select_related("item"))
