"""The cart, and what it costs now."""

from datetime import date
from functools import cached_property
from uuid import UUID

import strawberry

from api.types.address import Recipient, recipient_of
from api.types.money import Money, money_of, money_or_none
from checkout.cart import lines, models, pricing, quotes
from checkout.cart.tax import TaxLine
from checkout.cart.visitor import order_of
from checkout.payments.methods import methods_for
from checkout.shipping import offers
from orders.models import GivenDiscount


@strawberry.type(description="Tax that the amounts of one rate contain.")
class Tax:
    rate: int = strawberry.field(description="Percent.")
    gross: Money
    tax: Money
    name: str = strawberry.field(
        description='Of another country, such as VAT; "": Japanese consumption tax.'
    )


def tax_of(line: TaxLine) -> Tax:
    gross, tax = money_of(line.gross), money_of(line.tax)
    return Tax(rate=line.rate, gross=gross, tax=tax, name=line.name)


@strawberry.type
class Discount:
    name: str
    code: str = strawberry.field(description='The coupon code; "": it needs none.')
    amount: Money = strawberry.field(description="Off the items' prices.")
    shipping: Money = strawberry.field(description="Off the shipping.")


def discount_of(given: GivenDiscount) -> Discount:
    return Discount(
        name=given.name,
        code=given.code,
        amount=money_of(given.amount),
        shipping=money_of(given.shipping),
    )


@strawberry.type(description="A line of the cart, with price and stock as of now.")
class QuoteLine:
    id: strawberry.ID
    sku: str
    name: str
    variant: str
    picture: str = strawberry.field(description='Address of a small picture, or "".')
    quantity: int
    unit: Money
    unit_before: Money | None = strawberry.field(
        description="The regular price while there is a sale."
    )
    total: Money = strawberry.field(description="Of all units, before discounts.")
    discount: Money
    tax_rate: int
    free: int = strawberry.field(description="Units that can be bought now.")
    most: int = strawberry.field(description="Units of the product in one order.")
    is_orderable: bool
    limit_note: str = strawberry.field(
        description='What one customer may have, in words, or "".'
    )
    limit_problem: str = strawberry.field(
        description='Why the customer may not have so many, or "".'
    )
    price_changed: bool = strawberry.field(
        description="Whether the customer last saw another price."
    )


def line_of(line: lines.QuoteLine) -> QuoteLine:
    return QuoteLine(
        id=strawberry.ID(str(line.id)),
        sku=line.sku,
        name=line.name,
        variant=line.variant,
        picture=line.picture,
        quantity=line.quantity,
        unit=money_of(line.unit),
        unit_before=money_or_none(line.unit_before),
        total=money_of(line.total),
        discount=money_of(line.discount),
        tax_rate=line.tax_rate,
        free=line.free,
        most=line.most,
        is_orderable=line.is_orderable,
        limit_note=line.limit_note,
        limit_problem=line.limit_problem,
        price_changed=line.price_changed,
    )


@strawberry.type(description="Where goods are picked up.")
class PickupPlace:
    name: str
    address: str
    hours: str


@strawberry.type(description="A shipping method with its price for these goods.")
class ShippingOffer:
    id: str = strawberry.field(description="What InformationInput.method takes.")
    name: str
    price: Money
    refusal: str = strawberry.field(
        description='Why it cannot carry these goods, or "".'
    )
    arrival: str = strawberry.field(description='The promised days in words, or "".')
    days: list[date] = strawberry.field(description="What deliveryOn can be.")
    slots: list[str] = strawberry.field(description="What deliverySlot can be.")
    pickup: PickupPlace | None


def offer_of(offer: offers.Offer) -> ShippingOffer:
    place = offer.pickup
    return ShippingOffer(
        id=offer.id,
        name=offer.name,
        price=money_of(offer.price),
        refusal=offer.refusal,
        arrival=offer.promise.days if offer.promise else "",
        days=list(offer.days),
        slots=list(offer.slots),
        pickup=_place_of(place) if place else None,
    )


def _place_of(place: offers.Pickup) -> PickupPlace:
    return PickupPlace(name=place.name, address=place.address, hours=place.hours)


@strawberry.type(
    description="What the cart costs now, and what is in the way of buying it."
)
class Quote:
    row: strawberry.Private[quotes.Quote]

    @strawberry.field(description="Names all that is agreed to; for placeOrder.")
    def digest(self) -> str:
        return self.row.digest

    @strawberry.field
    def lines(self) -> list[QuoteLine]:
        return [line_of(each) for each in self.row.lines]

    @strawberry.field
    def count(self) -> int:
        return self.row.count

    @strawberry.field
    def subtotal(self) -> Money:
        return money_of(self.row.subtotal)

    @strawberry.field
    def shipping(self) -> Money:
        return money_of(self.row.shipping)

    @strawberry.field(description="Whether address or method are not known yet.")
    def shipping_is_estimate(self) -> bool:
        return self.row.shipping_is_estimate

    @strawberry.field(description="What is missing for free shipping.")
    def free_shipping_gap(self) -> Money | None:
        return money_or_none(self.row.free_shipping_gap)

    @strawberry.field
    def discount(self) -> Money:
        return money_of(self.row.discount)

    @strawberry.field
    def discounts(self) -> list[Discount]:
        return [discount_of(each) for each in self.row.given]

    @strawberry.field
    def total(self) -> Money:
        return money_of(self.row.total)

    @strawberry.field
    def taxes(self) -> list[Tax]:
        return [tax_of(each) for each in self.row.tax]

    @strawberry.field
    def offers(self) -> list[ShippingOffer]:
        return [offer_of(each) for each in self.row.offers]

    @strawberry.field(description="The chosen method, or the first that can be had.")
    def offer(self) -> ShippingOffer | None:
        return offer_of(self.row.offer) if self.row.offer else None

    @strawberry.field(description="Null until setInformation.")
    def recipient(self) -> Recipient | None:
        return recipient_of(self.row.recipient) if self.row.recipient else None

    @strawberry.field(
        description="Whether the customer has to stand in line: enterWaitingRoom."
    )
    def has_waiting_room(self) -> bool:
        return bool(self.row.rooms)

    @strawberry.field
    def is_orderable(self) -> bool:
        return self.row.is_orderable

    @strawberry.field(description='Why the whole cannot be ordered, or "".')
    def obstacle(self) -> str:
        return self.row.obstacle

    @strawberry.field(description='Why another method must be chosen, or "".')
    def method_problem(self) -> str:
        return self.row.method_problem

    @strawberry.field(description='Why the day or time cannot be had any more, or "".')
    def wish_problem(self) -> str:
        return self.row.wish_problem

    @strawberry.field
    def coupon(self) -> str | None:
        return self.row.coupon.code if self.row.coupon else None

    @strawberry.field(description='Why the coupon code gives nothing now, or "".')
    def coupon_problem(self) -> str:
        return self.row.coupon_problem

    @strawberry.field(description="What the provider's form may offer for the total.")
    def payment_methods(self) -> list[str]:
        return methods_for(self.row.total.minor, self.row.total.currency)


# What an order needs of the types above is in api/types/orders.py.
class CartState:
    """A cart with its quote, read once for all fields."""

    def __init__(self, row: models.Cart) -> None:
        self.row = row

    @cached_property
    def quote(self) -> quotes.Quote | None:
        is_open = self.row.state == models.Cart.State.OPEN
        return pricing.quote(self.row) if is_open else None


@strawberry.type(description="What somebody means to buy.")
class Cart:
    state: strawberry.Private[CartState]

    @strawberry.field(description="A secret: whoever knows it can change the cart.")
    def id(self) -> UUID:
        return self.state.row.uid

    @strawberry.field(description="Names this confirmation; for placeOrder.")
    def checkout_key(self) -> UUID:
        return self.state.row.checkout_key

    @strawberry.field(description="Null when the cart was ordered.")
    def quote(self) -> Quote | None:
        found = self.state.quote
        return Quote(row=found) if found else None

    @strawberry.field(description="The uid of the order that the cart has become.")
    def ordered(self) -> UUID | None:
        order = order_of(self.state.row)
        return order.uid if order else None


def cart_of(row: models.Cart) -> Cart:
    return Cart(state=CartState(row))
