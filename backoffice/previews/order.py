"""What an act of staff will do to an order, said beforehand: pages and commands."""

from dataclasses import dataclass

from django.utils.translation import gettext

from backoffice.order_overview import OrderOverview
from backoffice.wording import input_title, step_title
from checkout.flow.definition import CHECKOUT
from checkout.flow.delayed_payment import waits_for_shipment
from inventory.models import Hold
from orders.models import Order, Payment
from saga.errors import UnknownDefinition
from saga.models import INPUT, Direction
from saga.operations import Action, Preview
from shop.formatting import moment, price


@dataclass(frozen=True)
class Forecast:
    """Sentences: what it will and will not do, and what will probably stop it again."""

    effects: list[str]
    warnings: list[str]


def of_resuming(case: OrderOverview) -> Forecast:
    """Say what every remaining step will do, from the one that failed on."""
    try:
        first = CHECKOUT.step(case.saga.step)
    except UnknownDefinition:
        unknown = gettext(
            "This program does not know the step “%(step)s”: nothing will happen."
        )
        return Forecast([], [unknown % {"step": case.saga.step}])
    if case.saga.direction == Direction.UNDO:
        return Forecast(_undo_effects(case, case.saga.step), [])
    return _forward(case, [step.name for step in CHECKOUT.ahead(first.name)])


def of_resuming_all(case: OrderOverview) -> Forecast:
    """Say what resuming everything will do that stopped of an order."""
    told = [of_resuming(case.at(saga)) for saga in case.family.failed]
    effects = dict.fromkeys(line for each in told for line in each.effects)
    warnings = dict.fromkeys(line for each in told for line in each.warnings)
    return Forecast(list(effects), list(warnings))


def of_releasing(case: OrderOverview) -> Forecast:
    """Say what releasing an order for shipping will do."""
    names = [step.name for step in CHECKOUT.steps]
    return _forward(case, names[names.index("capture_payment") :])


def of_plan(case: OrderOverview, preview: Preview) -> Forecast:
    """Describe the effects of an action; a refused one has none, with the reason."""
    if preview.refusal:
        return Forecast([gettext("Will do nothing.")], [str(preview.refusal)])
    if preview.action is Action.CANCEL or preview.direction == Direction.UNDO:
        return Forecast(_undo_effects(case, *preview.steps), [])
    rest = _forward(case, list(preview.steps), email=_new_email(preview))
    return Forecast([*_of_the_act(preview), *rest.effects], rest.warnings)


def _of_the_act(preview: Preview) -> list[str]:
    step = {"step": step_title(preview.step)}
    if preview.action is Action.SKIP:
        return [gettext("Will leave out the step “%(step)s”.") % step]
    if preview.action is Action.MARK_DONE:
        words = gettext("Will record as done, as is proven: “%(step)s”.")
        return [words % step]
    changed = gettext("Will use “%(new)s” as %(name)s, not “%(old)s”.")
    return [
        changed % {"name": input_title(name), **each}
        for name, each in preview.input.items()
    ]


def _new_email(preview: Preview) -> str:
    return str(preview.input.get("email", {}).get("new", ""))


def _forward(case: OrderOverview, remaining: list[str], email: str = "") -> Forecast:
    effects = [_payment_effect(case, remaining)]
    if "fulfil_order" in remaining:
        effects.append(_stock_effect(case))
    if "send_confirmation" in remaining:
        effects.append(_mail_effect(case, email))
    warnings = []
    if "fulfil_order" in remaining:
        warnings = [*_refunded(case), *_shortages(case)]
    return Forecast(effects, warnings)


def _payment_effect(case: OrderOverview, remaining: list[str]) -> str:
    payment = case.payment
    amount = {"amount": price(payment.amount)}
    if payment.status == Payment.Status.CAPTURED:
        when = moment(payment.captured_at) if payment.captured_at else ""
        words = gettext("Will not charge: %(amount)s was charged at %(time)s.")
        return words % (amount | {"time": when})
    if case.saga.pivot_at:
        return (
            gettext(
                "Will first ask Stripe whether %(amount)s was charged already, and "
                "charge it only if it was not."
            )
            % amount
        )
    if "authorize_payment" in remaining and waits_for_shipment(payment):
        words = gettext("Will charge %(amount)s when staff release it for shipping.")
        return words % amount
    if "capture_payment" in remaining:
        return gettext("Will charge %(amount)s, once.") % amount
    return gettext("Will not charge anything.")


def _stock_effect(case: OrderOverview) -> str:
    if case.order.status != Order.Status.PENDING:
        return gettext("Will not touch the stock: the goods were taken already.")
    return gettext("Will take %(goods)s from stock and confirm the order.") % {
        "goods": goods(case)
    }


def _mail_effect(case: OrderOverview, email: str) -> str:
    if case.mail_sent_at:
        words = gettext("Will not send a mail: it went out at %(time)s.")
        return words % {"time": moment(case.mail_sent_at)}
    words = gettext("Will send one mail to %(email)s.")
    changed = case.saga.data.get(INPUT, {}).get("email")
    return words % {"email": email or changed or case.order.email}


def _undo_effects(case: OrderOverview, *steps: str) -> list[str]:
    effects = [gettext("Will not charge anything.")]
    if "authorize_payment" in steps:
        effects.append(gettext("Will cancel the payment at Stripe."))
    effects.append(
        gettext("Will put %(goods)s back into stock and cancel the order.")
        % {"goods": goods(case)}
    )
    return effects


def goods(case: OrderOverview) -> str:
    """Write an order's goods as 2 x MUG-01, 1 x CAP-BL."""
    return ", ".join(f"{line.quantity} x {line.sku}" for line in case.lines)


def _refunded(case: OrderOverview) -> list[str]:
    """Say that money was given back: the goods would go out all the same."""
    if not case.payment.refunded_minor:
        return []
    words = gettext("%(amount)s of the charge were refunded; the goods go out anyway.")
    return [words % {"amount": price(case.payment.refunded)}]


def _shortages(case: OrderOverview) -> list[str]:
    """Say which goods are neither held for the order nor free to be taken."""
    if case.order.status != Order.Status.PENDING:
        return []
    words = gettext(
        "%(sku)s: %(needed)d needed, none set aside for this order, %(free)d free. "
        "It will stop again until stock is received."
    )
    short = []
    for line in case.lines:
        hold, item = case.holds.get(line.sku), case.stock.get(line.sku)
        if hold and hold.state in (Hold.State.ACTIVE, Hold.State.SHIPPED):
            continue
        free = item.free if item else 0
        if free < line.quantity:
            values = {"needed": line.quantity, "sku": line.sku, "free": free}
            short.append(words % values)
    return short
