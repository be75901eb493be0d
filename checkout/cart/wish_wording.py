"""What customers added to name and address, in words."""

from typing import Protocol

from django.utils.translation import gettext as _

from checkout.shipping.prefectures import Prefecture
from orders.models import Gift, Wishes
from shop.countries import JAPAN, lines_of


def write_wishes(source: Wishes) -> list[tuple[str, str]]:
    """Return labels and texts in the active language, without empty ones."""
    texts = [
        (_("Gift"), write_gift(source.gift)),
        (_("Message to the recipient"), source.gift_message),
        (_("Name on the receipt"), source.receipt_name),
        (_("Billing address"), "\n".join(billing_lines(source))),
        (_("Note to us"), source.note),
    ]
    return [(label, text) for label, text in texts if text]


def write_gift(gift: str) -> str:
    """Return how a gift is packed; "" if it is none."""
    return str(Gift(gift).label) if gift in Gift.values else gift


def billing_lines(source: Wishes) -> list[str]:
    """Return the billing address in Japanese order, and the name; [] without one."""
    if not source.billing_name:
        return []
    lines = [
        *address_lines(
            source.billing_postcode,
            source.billing_prefecture,
            source.billing_city,
            source.billing_street,
            source.billing_building,
        ),
        source.billing_name,
    ]
    return [line for line in lines if line]


class Address(Protocol):
    """An address of an order, a temporary order, or an address book."""

    country: str
    postcode: str
    prefecture: str
    region: str
    city: str
    street: str
    building: str


def lines_of_address(source: Address) -> list[str]:
    """Return an address in the order of its country, without empty lines."""
    if source.country == JAPAN:
        return address_lines(
            source.postcode,
            source.prefecture,
            source.city,
            source.street,
            source.building,
        )
    return lines_of(
        source.country,
        street=source.street,
        building=source.building,
        city=source.city,
        region=source.region,
        postcode=source.postcode,
    )


def address_lines(
    postcode: str, prefecture: str, city: str, street: str, building: str
) -> list[str]:
    """Return an address in Japanese order, without empty lines."""
    known = prefecture in Prefecture.values
    place = {
        "prefecture": Prefecture(prefecture).label if known else prefecture,
        "city": city,
    }
    lines = [
        f"\N{POSTAL MARK}{postcode}",
        _("%(prefecture)s %(city)s") % place,
        street,
        building,
    ]
    return [line for line in lines if line]
