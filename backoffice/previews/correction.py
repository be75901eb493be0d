"""Preview of a correction: each field before and after, the warehouse, the price."""

from collections.abc import Mapping

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from checkout.cart.address import problem_of
from checkout.cart.carriage import shipping_to
from checkout.cart.wish_wording import write_gift
from checkout.templatetags.checkout_tags import delivery, prefecture
from orders.models import Carrier, Order, Parcel, Shipment
from shop.formatting import price

_NOTHING = "-"


def preview_before_typing() -> Preview:
    """Preview a page on which nothing was typed yet."""
    return Preview([gettext("Will show what changes before anything is done.")], [])


def preview_recipient(
    order: Order, before: Mapping[str, str], after: Mapping[str, str]
) -> Preview:
    effects = [
        *describe_change(before, after),
        gettext("Will ask the warehouse first. If it refuses, nothing is changed."),
        gettext("Will charge and refund nothing, and send no mail."),
    ]
    warnings = []
    if set(after) - {"email"}:
        warnings.append(
            gettext("Slips and labels printed before are wrong: print them again.")
        )
    if Shipment.objects.filter(order=order, parcel_count__gt=0).exists():
        warnings.append(gettext("What left already is with the recipient of before."))
    warnings += _wrong_postcode(order, after)
    if "prefecture" in after and not order.is_abroad:
        warnings += _other_price(order, before["prefecture"], after["prefecture"])
    return Preview(effects, warnings)


def preview_tracking(
    order: Order,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    with_mail: bool,
) -> Preview:
    mail = (
        gettext("Will send one mail to %(email)s.") % {"email": order.email}
        if with_mail
        else gettext("Will send no mail: the customer keeps the wrong number.")
    )
    return Preview([*describe_change(before, after), mail], [])


def describe_change(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return a sentence for each field: its value before and after."""
    text = gettext("%(field)s: “%(old)s” becomes “%(new)s”.")
    return [
        text
        % {
            "field": title_of(name),
            "old": write(name, before.get(name, "")),
            "new": write(name, after[name]),
        }
        for name in after
    ]


def title_of(name: str) -> str:
    """Return a field's name as the page shows it."""
    model = Parcel if name in ("carrier", "tracking_number") else Order
    title = str(getattr(model, name).field.verbose_name)
    return title[:1].upper() + title[1:]


def write(name: str, value: str) -> str:
    """Return a field's value as people read it."""
    if name in ("prefecture", "billing_prefecture"):
        return prefecture(value) or _NOTHING
    if name == "gift":
        return write_gift(value) or _NOTHING
    if name == "delivery":
        return delivery(value)
    if name == "carrier" and value in Carrier.values:
        return str(Carrier(value).label)
    return value or _NOTHING


def _wrong_postcode(order: Order, after: Mapping[str, str]) -> list[str]:
    has_place = not {"postcode", "prefecture"}.isdisjoint(after)
    if not has_place or order.is_pickup or order.is_abroad:
        return []
    postcode = after.get("postcode", order.postcode)
    problem = problem_of(postcode, after.get("prefecture", order.prefecture))
    return [problem] if problem else []


def _other_price(order: Order, old: str, new: str) -> list[str]:
    units = {line.sku: line.quantity for line in order.lines.all()}
    there, here = (
        shipping_to(each, order.subtotal, units, order.shipping_method)
        for each in (new, old)
    )
    if there is None or here is None:
        return []
    if there.refusal:
        text = gettext("%(method)s: %(refusal)s Choose with the customer how to send.")
        return [text % {"method": there.name, "refusal": there.refusal}]
    if there.price == here.price:
        return []
    text = gettext(
        "Shipping to %(new)s costs %(there)s, to %(old)s %(here)s. The customer paid "
        "%(paid)s for it, and nothing more is charged: refund a difference yourself, "
        "or ask the customer for it."
    )
    return [
        text
        % {
            "new": prefecture(new),
            "old": prefecture(old),
            "there": price(there.price),
            "here": price(here.price),
            "paid": price(order.shipping),
        }
    ]
