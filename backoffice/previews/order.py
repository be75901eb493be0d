"""Preview what an action of staff will do to an order."""

from django.utils.translation import gettext

from backoffice.order_overview import OrderOverview
from backoffice.previews.cancellation import preview_cancellation_from
from backoffice.previews.preview import Preview
from backoffice.previews.shipping import preview_shipping
from backoffice.wording import input_title, step_title, write_goods
from checkout.aftersales.custody import rest_is_at_warehouse
from checkout.flow.definition import CHECKOUT
from checkout.flow.delayed_payment import waits_for_shipment
from checkout.status.names import (
    AUTHORIZE,
    AWAIT_DELIVERY,
    CANCELLATION_NAME,
    CAPTURE,
    FULFIL,
    SEND_CONFIRMATION,
)
from inventory.models import Hold
from orders.models import Order, Payment
from orders.parcels import by_sku, due
from saga.definition import get_definition
from saga.errors import UnknownDefinition
from saga.models import INPUT, Direction
from saga.operations import Action
from saga.operations import Preview as SagaPreview
from shop.formatting import moment, price


def preview_resume(overview: OrderOverview) -> Preview:
    """Preview the step that failed and every step after it."""
    if overview.saga.definition == CANCELLATION_NAME:
        return preview_cancellation_from(overview.order, overview.saga.step)
    try:
        definition = get_definition(overview.saga.definition)
        first = definition.step(overview.saga.step)
    except UnknownDefinition:
        unknown = gettext(
            "This program does not know the step “%(step)s”: nothing will happen."
        )
        return Preview([], [unknown % {"step": overview.saga.step}])
    if overview.saga.direction == Direction.UNDO:
        return Preview(_undo_effects(overview, overview.saga.step), [])
    return _forward(overview, [step.name for step in definition.ahead(first.name)])


def preview_resume_all(overview: OrderOverview) -> Preview:
    """Preview resuming all stopped sagas of an order."""
    previews = [preview_resume(overview.at(saga)) for saga in overview.sagas.failed]
    effects = dict.fromkeys(line for each in previews for line in each.effects)
    warnings = dict.fromkeys(line for each in previews for line in each.warnings)
    return Preview(list(effects), list(warnings))


def preview_release(overview: OrderOverview) -> Preview:
    """Preview releasing an order for shipping."""
    names = [step.name for step in CHECKOUT.steps]
    return _forward(overview, names[names.index(CAPTURE) :])


def preview_ready(overview: OrderOverview) -> Preview:
    """Preview telling the customer that an order lies ready."""
    order = overview.order
    there = gettext("It lies ready at %(place)s.") % {"place": order.pickup_place}
    mail = gettext("Will send one mail to %(email)s.") % {"email": order.email}
    return Preview([there, mail], [])


def preview_call_off(overview: OrderOverview) -> Preview:
    """Preview calling off a parcel of which nothing is left of the charge."""
    goods = write_goods(by_sku(due(overview.order)).items())
    back = gettext("Will put %(goods)s back into stock.") % {"goods": goods}
    effects = [back] if goods else []
    if overview.order.shipment.parcel_count:
        rest = gettext("Will not send the rest: the order is complete without it.")
        asked = [gettext("Will ask the warehouse first to send nothing more.")]
        is_there = rest_is_at_warehouse(overview.order.pk)
        return Preview([*(asked if is_there else []), rest, *effects], [])
    mail = gettext("Will send one mail to %(email)s.")
    return Preview(
        [
            gettext("Will not send the parcel."),
            *effects,
            mail % {"email": overview.order.email},
        ],
        [],
    )


def preview_action(overview: OrderOverview, preview: SagaPreview) -> Preview:
    """Preview a planned action; a refused one does nothing and says why."""
    if preview.refusal:
        return Preview([gettext("Will do nothing.")], [str(preview.refusal)])
    if overview.saga.definition == CANCELLATION_NAME:
        return preview_cancellation_from(overview.order, overview.saga.step)
    if preview.action is Action.CANCEL or preview.direction == Direction.UNDO:
        return Preview(_undo_effects(overview, *preview.steps), [])
    rest = _forward(overview, list(preview.steps), email=_new_email(preview))
    return Preview([*_action_effects(preview), *rest.effects], rest.warnings)


def _action_effects(preview: SagaPreview) -> list[str]:
    step = {"step": step_title(preview.step)}
    if preview.action is Action.SKIP:
        return [gettext("Will leave out the step “%(step)s”.") % step]
    if preview.action is Action.MARK_DONE:
        text = gettext("Will record as done, as is proven: “%(step)s”.")
        return [text % step]
    changed = gettext("Will use “%(new)s” as %(name)s, not “%(old)s”.")
    return [
        changed % {"name": input_title(name), **each}
        for name, each in preview.input.items()
    ]


def _new_email(preview: SagaPreview) -> str:
    changed = preview.input.get("email")
    return str(changed["new"]) if changed else ""


def _forward(overview: OrderOverview, remaining: list[str], email: str = "") -> Preview:
    if AWAIT_DELIVERY in remaining:
        return preview_shipping(overview, remaining)
    if FULFIL in remaining and overview.payment.is_gone:
        return _end(overview)
    effects = [_payment_effect(overview, remaining)]
    if FULFIL in remaining:
        effects.append(_stock_effect(overview))
    if SEND_CONFIRMATION in remaining:
        effects.append(_mail_effect(overview, email))
    warnings = []
    if FULFIL in remaining:
        warnings = [
            *_other_amount(overview, remaining),
            *_refunded(overview),
            *_shortages(overview),
        ]
    return Preview(effects, warnings)


def _end(overview: OrderOverview) -> Preview:
    """Preview the end of an order of which nothing is left of the charge."""
    text = gettext("Will not charge: %(amount)s were charged, and nothing is left.")
    cancel = gettext("Will put %(goods)s back into stock and cancel the order.")
    mail = gettext("Will send one mail to %(email)s.")
    goods = write_goods((line.sku, line.quantity) for line in overview.lines)
    return Preview(
        [
            text % {"amount": price(overview.payment.captured)},
            cancel % {"goods": goods},
            mail % {"email": overview.order.email},
        ],
        [],
    )


def _other_amount(overview: OrderOverview, remaining: list[str]) -> list[str]:
    """Warn that the order stops again because not its amount was charged."""
    payment = overview.payment
    if CAPTURE not in remaining or payment.captured_minor in (0, payment.amount_minor):
        return []
    text = gettext(
        "It will stop again: %(charged)s were charged, not %(total)s. To send it all "
        "the same, mark the step as done; to end it, refund all."
    )
    values = {"charged": price(payment.captured), "total": price(payment.amount)}
    return [text % values]


def _payment_effect(overview: OrderOverview, remaining: list[str]) -> str:
    payment = overview.payment
    amount = {"amount": price(payment.amount)}
    if payment.status == Payment.Status.CAPTURED:
        amount = {"amount": price(payment.captured)}
        when = moment(payment.captured_at) if payment.captured_at else ""
        text = gettext("Will not charge: %(amount)s was charged at %(time)s.")
        return text % (amount | {"time": when})
    if overview.saga.pivot_at:
        return (
            gettext(
                "Will first ask Stripe whether %(amount)s was charged already, and "
                "charge it only if it was not."
            )
            % amount
        )
    if AUTHORIZE in remaining and waits_for_shipment(payment):
        text = gettext("Will charge %(amount)s when staff release it for shipping.")
        return text % amount
    if CAPTURE in remaining:
        return gettext("Will charge %(amount)s, once.") % amount
    return gettext("Will not charge anything.")


def _stock_effect(overview: OrderOverview) -> str:
    if overview.order.status != Order.Status.PENDING:
        return gettext("Will not touch the stock: the goods were taken already.")
    return gettext("Will take %(goods)s from stock and confirm the order.") % {
        "goods": write_goods((line.sku, line.quantity) for line in overview.lines)
    }


def _mail_effect(overview: OrderOverview, email: str) -> str:
    if overview.mail_sent_at:
        text = gettext("Will not send a mail: it went out at %(time)s.")
        return text % {"time": moment(overview.mail_sent_at)}
    text = gettext("Will send one mail to %(email)s.")
    changed = overview.saga.data.get(INPUT, {}).get("email")
    return text % {"email": email or changed or overview.order.email}


def _undo_effects(overview: OrderOverview, *steps: str) -> list[str]:
    payment = overview.payment
    if payment.status == Payment.Status.CAPTURED:
        text = gettext("Will not cancel: %(amount)s were charged. The order continues.")
        return [text % {"amount": price(payment.captured)}]
    effects = [gettext("Will not charge anything.")]
    if AUTHORIZE in steps:
        effects.append(gettext("Will cancel the payment at Stripe."))
    effects.append(
        gettext("Will put %(goods)s back into stock and cancel the order.")
        % {"goods": write_goods((line.sku, line.quantity) for line in overview.lines)}
    )
    return effects


def _refunded(overview: OrderOverview) -> list[str]:
    """Warn that money was refunded: the goods are sent anyway."""
    if not overview.payment.refunded_minor:
        return []
    text = gettext("%(amount)s of the charge were refunded; the goods go out anyway.")
    return [text % {"amount": price(overview.payment.refunded)}]


def _shortages(overview: OrderOverview) -> list[str]:
    """Warn of goods that are neither held for the order nor free."""
    if overview.order.status != Order.Status.PENDING:
        return []
    text = gettext(
        "%(sku)s: %(needed)d needed, none set aside for this order, %(free)d free. "
        "It will stop again until stock is received."
    )
    short = []
    for line in overview.lines:
        hold, item = overview.holds.get(line.sku), overview.stock.get(line.sku)
        if hold and hold.state in (Hold.State.ACTIVE, Hold.State.SHIPPED):
            continue
        free = item.free if item else 0
        if free < line.quantity:
            values = {"needed": line.quantity, "sku": line.sku, "free": free}
            short.append(text % values)
    return short
