"""Changes of the cart: the same services and forms as the pages'."""

from uuid import UUID

import strawberry

from api.context import Context, Info
from api.refusals import (
    AddToCartResult,
    CartResult,
    CartUnknown,
    Invalid,
    NotOrderable,
    WaitingRoomResult,
    refusable,
)
from api.types.address import InformationInput, form_data
from api.types.cart import Cart, cart_of
from api.types.waiting_room import place_of
from checkout.cart import models, services
from checkout.cart.coupon_codes import use_code
from checkout.cart.coupon_form import CouponForm
from checkout.cart.errors import QUANTITY_WANTED, CartNotOpen
from checkout.cart.forms import AddForm, InformationForm, QuantityForm
from checkout.cart.pricing import quote
from checkout.shipping.countries import delivery_countries
from checkout.waiting_room import tickets
from shop.customers import addresses


@strawberry.type
class CartMutation:
    @strawberry.mutation(
        description="Put units into the cart. Without one, or when it was ordered, a "
        "new cart is made: keep the id of the answer."
    )
    @refusable
    def add_to_cart(
        self, info: Info, sku: str, quantity: int = 1, cart: UUID | None = None
    ) -> AddToCartResult:
        form = AddForm({"sku": sku, "quantity": quantity})
        if not form.is_valid():
            raise _refused(form, "quantity")
        if cart is not None and info.context.find_cart(cart) is None:
            raise CartUnknown
        line = services.add(
            info.context.cart_uid(cart),
            form.cleaned_data["sku"],
            form.cleaned_data["quantity"],
            info.context.customer_pk,
        )
        info.context.remember(line.cart)
        return _now(line.cart)

    @strawberry.mutation(description="0 removes the line. An unknown line is ignored.")
    @refusable
    def set_quantity(
        self,
        info: Info,
        line: strawberry.ID,
        quantity: int,
        cart: UUID | None = None,
    ) -> CartResult:
        form = QuantityForm({"quantity": quantity})
        if not form.is_valid():
            raise _refused(form, "quantity")
        found = _cart(info.context, cart)
        wanted = form.cleaned_data["quantity"]
        if wanted:
            services.set_quantity(found, _key(line), wanted)
        else:
            services.remove(found, _key(line))
        return _now(found)

    @strawberry.mutation(description="Removing a line twice is removing it once.")
    @refusable
    def remove_from_cart(
        self, info: Info, line: strawberry.ID, cart: UUID | None = None
    ) -> CartResult:
        found = _cart(info.context, cart)
        services.remove(found, _key(line))
        return _now(found)

    @strawberry.mutation(
        description="A code whose conditions are not met yet is kept: the quote says "
        "what is missing."
    )
    @refusable
    def use_coupon(self, info: Info, code: str, cart: UUID | None = None) -> CartResult:
        found = _cart(info.context, cart)
        form = CouponForm({"code": code})
        if not form.is_valid():
            raise Invalid.of(form)
        use_code(found, form.cleaned_data["code"], info.context.client)
        return _now(found)

    @strawberry.mutation
    @refusable
    def remove_coupon(self, info: Info, cart: UUID | None = None) -> CartResult:
        found = _cart(info.context, cart)
        services.set_coupon(found, None)
        return _now(found)

    @strawberry.mutation(description="Contact, address, shipping method and wishes.")
    @refusable
    def set_information(
        self, info: Info, information: InformationInput, cart: UUID | None = None
    ) -> CartResult:
        found = _cart(info.context, cart)
        if found.state != models.Cart.State.OPEN:
            raise CartNotOpen
        country = information.country
        priced = quote(found, country if country in dict(delivery_countries()) else "")
        if not priced.is_orderable:
            raise NotOrderable(priced)
        data = form_data(information)
        form = InformationForm(data, instance=priced.recipient, goods=priced.goods)
        if not form.is_valid():
            raise Invalid.of(form)
        services.keep_information(found, form.cleaned_data)
        if info.context.customer:
            addresses.keep_first(info.context.customer, form.cleaned_data)
        return _now(found)

    @strawberry.mutation(
        description="Stand in line for goods that have a waiting room, and go in when "
        "it is the cart's turn; ask again after `askAgain` seconds. Asked twice, there "
        "is one place. Needed only if `Quote.hasWaitingRoom`."
    )
    @refusable
    def enter_waiting_room(
        self, info: Info, cart: UUID | None = None
    ) -> WaitingRoomResult:
        found = _cart(info.context, cart)
        if found.state != models.Cart.State.OPEN:
            raise CartNotOpen
        return place_of(tickets.enter(found.pk, quote(found).rooms))


def _cart(context: Context, named: UUID | None) -> models.Cart:
    found = context.find_cart(named)
    if found is None:
        raise CartUnknown
    return found


def _now(cart: models.Cart) -> Cart:
    """Return the cart as it is after the change."""
    found = services.find_cart(cart.uid)
    if found is None:
        raise CartUnknown
    return cart_of(found)


_LONGEST_KEY = 18  # digits


def _key(line: str) -> int:
    """Return the key of a line; of what is none, a key that no line has."""
    is_number = line.isascii() and line.isdecimal() and len(line) <= _LONGEST_KEY
    return int(line) if is_number else 0


def _refused(form: AddForm | QuantityForm, field: str) -> Invalid:
    """Return the form's errors, that of the quantity as the pages say it."""
    errors = Invalid.of(form).errors
    if field in errors:
        errors[field] = [str(QUANTITY_WANTED)]
    return Invalid(errors)
