"""The price of a cart now: lines, shipping, total and the tax they contain.

A ``Quote`` is a value, computed for every page and for the purchase. By its digest the
purchase finds out whether the customer saw the same.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings

from checkout.cart.bundles import bundles_in
from checkout.cart.carriage import choose
from checkout.cart.lines import QuoteLine, read_lines, sold_abroad
from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.quotes import Quote
from checkout.cart.reductions import (
    basket_of,
    buyer_of,
    limited,
    reduced,
)
from checkout.cart.tax import SHIPPING_TAX_RATE, rate_abroad, taxes
from checkout.promotions.selectors import Question, promote
from checkout.shipping.countries import terms_of, usual_country
from checkout.shipping.offers import Goods, offers
from checkout.shipping.terms import Terms
from shop.countries import JAPAN
from shop.money import Money


def quote(cart: Cart, country: str = "") -> Quote:
    """Price ``cart`` as of now, in the active language. Reads only.

    ``country``: where it is to be sent; "": to the recipient that is kept.
    """
    recipient: TemporaryOrder | None = getattr(cart, "temporary_order", None)
    country = country or (recipient.country if recipient else JAPAN)
    listed = read_lines(cart)
    if country == JAPAN:
        priced = _price(cart, listed, country)
        # Asked only if no method serves Japan, because it costs a statement.
        has_choice = not (priced.offers or recipient)
        country = usual_country() if has_choice else JAPAN
        if country == JAPAN:
            return priced
    terms = terms_of(country)
    priced = _price(cart, listed, country, terms)
    most = terms.tax.up_to if terms.tax else None
    if most is not None and _worth(priced.lines) > most:
        return _price(cart, listed, country, replace(terms, tax=None))
    return priced


def _worth(lines: Iterable[QuoteLine]) -> int:
    """Return what is paid for the goods without tax and shipping, in minor units."""
    parts = taxes(_by_rate(lines), _money(0))
    return sum((part.gross - part.tax).minor for part in parts)


def _by_rate(lines: Iterable[QuoteLine]) -> list[tuple[int, Money]]:
    return [(one.tax_rate, one.total - one.discount) for one in lines]


def _price(
    cart: Cart, listed: tuple[QuoteLine, ...], country: str, terms: Terms | None = None
) -> Quote:
    """Price lines of the catalogue. ``terms``: those of a country beside Japan."""
    recipient: TemporaryOrder | None = getattr(cart, "temporary_order", None)
    lines = sold_abroad(listed, terms) if terms else listed
    subtotal = sum((line.total for line in lines), start=_money(0))
    grams = sum(line.grams * line.quantity for line in lines)
    prefecture = recipient.prefecture if recipient else None
    released = [line.release_on for line in lines if line.release_on]
    goods = Goods(subtotal, grams, max(released, default=None))
    offered = offers(goods, prefecture, country)
    chosen = (recipient.method_id, recipient.place_id) if recipient else (None, None)
    offer = choose(offered, *chosen)
    carriage = offer.price if offer else _money(0)
    buyer = buyer_of(cart)
    asked = Question(
        code_id=cart.coupon_id,
        buyer=buyer,
        has_automatic=any(line.is_promoted for line in lines),
    )
    bundles = bundles_in(lines)
    lines = reduced(lines, [one.off for one in bundles])
    promotion = promote(basket_of(lines, carriage), asked)
    lines = reduced(limited(lines, buyer), [one.goods for one in promotion.given])
    discount = sum((line.discount for line in lines), start=_money(0))
    shipping = carriage - _money(sum(one.shipping for one in promotion.given))
    return Quote(
        lines=lines,
        goods=goods,
        subtotal=subtotal,
        shipping=shipping,
        discount=discount,
        total=subtotal + shipping - discount,
        tax=taxes(
            _by_rate(lines),
            shipping,
            # Shipping is taxed at the standard rate.
            rate_abroad(terms, SHIPPING_TAX_RATE) if terms else SHIPPING_TAX_RATE,
            terms.tax if terms else None,
        ),
        offers=offered,
        offer=offer,
        recipient=recipient,
        promotion=promotion,
        coupon=cart.coupon,
        bundles=bundles,
        country=country,
    )


def _money(minor: int) -> Money:
    return Money(minor, settings.CURRENCY)
