"""Parts that several papers share: seller, recipient, dates, lines and the rate mark.

They write in the active language.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from checkout.cart.models import Delivery
from checkout.cart.wish_wording import lines_of_address
from checkout.paper.document import Fact, Line
from orders.models import Order, OrderLine
from shop.formatting import price
from shop.money import Money
from shop.profile.selectors import Seller

# The reduced rate of consumption tax, in percent. Its goods carry the mark.
REDUCED_RATE = 8
REDUCED_MARK = "\N{REFERENCE MARK}"


def seller_lines(seller: Seller) -> tuple[str, ...]:
    """Return name, address, phone, mail and registration number, without empty ones."""
    number = (
        gettext("Registration number: %(number)s") % {"number": seller.invoice_number}
        if seller.invoice_number
        else ""
    )
    phone = gettext("Phone: %(phone)s") % {"phone": seller.phone}
    lines = (
        seller.name,
        *seller.address.splitlines(),
        phone if seller.phone else "",
        seller.email,
        number,
    )
    return tuple(line for line in lines if line)


def recipient_lines(order: Order) -> tuple[str, ...]:
    """Return address and name in the order of the country; of a pick-up the name."""
    if order.is_pickup:
        return (addressed(order.name),)
    lines = lines_of_address(order)
    if order.is_abroad:
        return (order.name, *lines)
    return (*lines, addressed(order.name))


def delivery(key: str) -> str:
    """Return a way of delivery in words; an unknown key as it is."""
    return str(Delivery(key).label) if key in Delivery.values else key


def addressed(name: str) -> str:
    """Return the name as a paper addresses it, in Japanese with 様 (sama)."""
    if name.endswith(("様", "御中", "殿")):
        return name
    return pgettext("addressee", "%(name)s") % {"name": name}


def day(when: datetime) -> str:
    """Return the date of a time in the shop's zone."""
    return date_format(timezone.localtime(when), "DATE_FORMAT")


def priced_line(line: OrderLine, order: Order) -> Line:
    """Return a line as it was bought, marked if its rate is the reduced one."""
    return Line(
        name=marked(line.name, line.tax_rate, order),
        quantity=line.quantity,
        sku=line.sku,
        detail=line.variant,
        unit=price(line.unit),
        total=price(line.total),
    )


def discount_facts(order: Order) -> tuple[Fact, ...]:
    """Return what each discount took off the items, as a negative amount."""
    return tuple(
        Fact(
            f"{one.name} ({one.code})" if one.code else one.name,
            f"-{price(one.amount)}",
        )
        for one in order.given
        if one.amount
    )


def marked(name: str, rate: int, order: Order) -> str:
    """Return the name, with the mark if ``rate`` is Japan's reduced one."""
    is_reduced = rate == REDUCED_RATE and not order.is_abroad
    return f"{name} {REDUCED_MARK}" if is_reduced else name


def tax_facts(rates: list[tuple[int, Money, Money]], order: Order) -> tuple[Fact, ...]:
    """Return the total and the tax of each rate (percent, gross, tax).

    Of another country's tax also the shop's number for it.
    """
    name = order.tax_name
    label = (
        gettext("%(rate)d %% total (%(tax)s included)")
        if name
        else gettext("%(rate)d %% total (tax included)")
    )
    text = (
        gettext("%(gross)s, of which %(name)s %(tax)s")
        if name
        else gettext("%(gross)s, of which tax %(tax)s")
    )
    facts = tuple(
        Fact(
            label % {"rate": rate, "tax": name},
            text % {"gross": price(gross), "tax": price(tax), "name": name},
        )
        for rate, gross, tax in rates
        # Free of Japan's tax is an export; free of another country's is one of its
        # rates.
        if rate or name
    )
    numbers = dict.fromkeys(part.get("number", "") for part in order.tax)
    label = gettext("%(tax)s number") % {"tax": name}
    return (*facts, *(Fact(label, number) for number in numbers if number))


def total_label(order: Order) -> str:
    """Return the label of a total; of an export that it is free of tax."""
    if order.tax_name:
        return gettext("Total (export, %(tax)s included)") % {"tax": order.tax_name}
    if order.is_abroad:
        return gettext("Total (export, free of consumption tax)")
    return gettext("Total (tax included)")


def reduced_note(rates: list[int], order: Order) -> tuple[str, ...]:
    """Return the explanation of the mark, if anything carries it."""
    if REDUCED_RATE not in rates or order.is_abroad:
        return ()
    text = gettext("%(mark)s marks goods of the reduced tax rate of %(rate)d %%.")
    return (text % {"mark": REDUCED_MARK, "rate": REDUCED_RATE},)
