"""Placing an order."""

import logging
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from checkout.announcements.services import enter, refuse_while_paused
from checkout.card_testing.errors import TooManyCards
from checkout.card_testing.services import admit, record_refusal
from checkout.cart.errors import CartNotOpen
from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.quotes import Quote
from checkout.cart.services import freeze
from checkout.flow.definition import CHECKOUT
from checkout.payments.payment_pages import ON_PAGE
from checkout.placement.errors import (
    CartEmpty,
    InformationMissing,
    QuoteChanged,
    TooManyUnpaid,
)
from checkout.placement.stock import check_stock
from checkout.promotions import services as promotions
from checkout.promotions.customers import Buyer
from checkout.waiting_room import tickets
from checkout.waiting_room.services import wait_for_turn
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    PaymentAttempt,
    new_number,
    wishes_of,
)
from saga import operations
from shop.customers.models import Customer
from shop.customers.registration import lock
from shop.web.client_address import network_of

logger = logging.getLogger(__name__)

_NUMBERS_TO_TRY = 3


def place_order(
    cart: Cart,
    quote: Quote,
    *,
    token: str,
    language: str,
    client: str = "",
    customer: Customer | None = None,
) -> Order:
    """Record the order and start its saga: one transaction, no network.

    ``quote`` must be what the customer agreed to; the view compared its digest.
    Called again for the same confirmation (a second click, another tab, Back) it
    returns the order that was made. Raises CartEmpty, InformationMissing, QuoteChanged
    or SoldOut when something is not available any more, DiscountGone or
    PurchaseLimitReached when a coupon or a limit is used up, CheckoutPaused,
    TooManyUnpaid when the mail address has too many unpaid orders, MustWait while it is
    not the cart's turn in a waiting room, TooManyCards when the internet address
    ``client`` (empty: not known) may try no further card now. The order belongs to the
    ``customer``, if one is signed in. With the ``token`` ON_PAGE it is paid on the
    provider's page.
    """
    for _try in range(_NUMBERS_TO_TRY):
        try:
            card = PaymentAttempt(
                number=1, token=token, client=client, network=network_of(client)
            )
            return _place(cart, quote, card, language, customer)
        except TooManyCards as error:
            record_refusal(error)
            raise
        except CartNotOpen:
            return _placed_before(cart, quote)
        except _NoPlace as error:
            # It ran out, or the room was opened a moment ago.
            logger.info("cart %s: %s", cart, error)
            wait_for_turn(cart.pk, quote.rooms)
        except IntegrityError as error:
            # The random number was taken; another is drawn.
            logger.info("cart %s is tried again: %s", cart, error)
    message = "no free order number, or no place in the checkout, was found"
    raise RuntimeError(message)


class _NoPlace(Exception):
    """The cart has no place in the checkout at this moment."""


def _placed_before(cart: Cart, quote: Quote) -> Order:
    """Return the order of a cart that could not be frozen.

    Raises CheckoutPaused, TooManyUnpaid or CartEmpty when there is none.
    """
    existing = Order.objects.filter(checkout_key=cart.checkout_key).first()
    if existing is None:
        refuse_while_paused()
        if quote.recipient:
            _check_unpaid(quote.recipient.email)
        # Also when a pause was lifted a moment ago: the cart's page shows what is left.
        raise CartEmpty
    return existing


def _recipient_of(quote: Quote) -> TemporaryOrder:
    """Return the recipient of the goods.

    Raises CartEmpty, InformationMissing or QuoteChanged when nothing can be ordered.
    """
    if not quote.lines:
        raise CartEmpty
    if quote.recipient is None or not quote.is_method_chosen or quote.wish_problem:
        raise InformationMissing
    if not quote.is_orderable:
        raise QuoteChanged
    return quote.recipient


@transaction.atomic
def _place(
    cart: Cart,
    quote: Quote,
    card: PaymentAttempt,
    language: str,
    customer: Customer | None,
) -> Order:
    # Frozen first: a tab that changes the cart waits here, and then finds it closed. So
    # does the same form sent again, which finds its order whatever else has changed.
    email = quote.recipient.email if quote.recipient else ""
    if not freeze(cart, enter(), _has_room(email)):
        raise CartNotOpen
    if not tickets.use(cart.pk, quote.rooms):
        message = f"no place in one of the waiting rooms {sorted(quote.rooms)}"
        raise _NoPlace(message)
    recipient, offer, promise = _recipient_of(quote), quote.offer, quote.promise
    check_stock(quote)
    order = Order.objects.create(
        number=new_number(timezone.localdate()),
        checkout_key=cart.checkout_key,
        language=language,
        customer_id=lock(customer) if customer else None,
        email=recipient.email,
        name=recipient.name,
        phone=recipient.phone,
        country=recipient.country,
        postcode=recipient.postcode,
        prefecture=recipient.prefecture,
        region=recipient.region,
        city=recipient.city,
        street=recipient.street,
        building=recipient.building,
        delivery=recipient.delivery,
        shipping_method=offer.name if offer else "",
        shipping_carrier=offer.method.carrier if offer and not offer.place else "",
        promised_from=promise.earliest if promise else None,
        promised_until=promise.latest if promise else None,
        ship_by=promise.ship_by if promise else None,
        not_before=quote.not_before,
        delivery_on=recipient.delivery_on,
        delivery_slot=recipient.delivery_slot,
        **wishes_of(recipient),
        **_place_in(quote),
        currency=quote.total.currency,
        subtotal_minor=quote.subtotal.minor,
        shipping_minor=quote.shipping.minor,
        discount_minor=quote.discount.minor,
        total_minor=quote.total.minor,
        discounts=[
            {
                "name": one.name,
                "code": one.code,
                "amount": one.amount.minor,
                "shipping": one.shipping.minor,
            }
            for one in quote.given
        ],
        tax=[line.kept for line in quote.tax],
    )
    _copy_lines(order, quote)
    card.payment = Payment.objects.create(
        order=order,
        amount_minor=order.total_minor,
        currency=order.currency,
        capture=_capture(quote),
        on_page=card.token == ON_PAGE,
    )
    # Late, because these lock rows that many customers may share.
    buyer = Buyer(order.email, order.customer_id)
    promotions.take(
        order.number, buyer, quote.promotion.given, quote.limits, order.currency
    )
    admit(card.client)
    card.save(force_insert=True)
    OrderEvent.objects.create(order=order, name=OrderEvent.Name.ORDER_PLACED)
    operations.start(CHECKOUT, order.number)
    return order


def _capture(quote: Quote) -> str:
    """Return when the card is charged: a pre-order at once.

    A bank keeps an amount aside for some days, and a release may be months away.
    """
    early = Payment.Capture.IMMEDIATELY
    return early if quote.not_before else str(settings.CAPTURE)


def _place_in(quote: Quote) -> dict[str, str]:
    """Return the order's copy of the place at which it is picked up."""
    place = quote.pickup
    if place is None:
        return {}
    return {
        "pickup_place": place.name,
        "pickup_address": place.address,
        "pickup_hours": place.hours,
    }


def _has_room(email: str) -> Q:
    """Return the condition that the address has fewer unpaid orders than it may have.

    A condition of the first statement and none of its own: every order asks it.
    """
    most = settings.UNPAID_ORDERS_PER_EMAIL
    if not most or not email:
        return Q()
    return ~Q(Exists(_unpaid(email)[most - 1 : most]))


def _check_unpaid(email: str) -> None:
    """Raise TooManyUnpaid when as many orders of the address wait as may be unpaid."""
    most = settings.UNPAID_ORDERS_PER_EMAIL
    if most and _unpaid(email).count() >= most:
        raise TooManyUnpaid(email, most)


def _unpaid(email: str) -> QuerySet[Order, Any]:
    """Return the orders of the address that wait for their customer to pay.

    An order whose first card the bank has not answered yet does not count.
    """
    unpaid = Order.objects.filter(
        email=email,
        status=Order.Status.PENDING,
        payment__status=Payment.Status.PENDING,
        payment__attempts__outcome__in=[
            PaymentAttempt.Outcome.CHALLENGE,
            PaymentAttempt.Outcome.DECLINED,
            PaymentAttempt.Outcome.VOUCHER,
            PaymentAttempt.Outcome.PAGE,
        ],
    )
    return unpaid.order_by().values("pk").distinct()


def _copy_lines(order: Order, quote: Quote) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            sku=line.sku,
            name=line.name,
            variant=line.variant,
            picture=line.picture,
            unit_minor=line.unit.minor,
            quantity=line.quantity,
            discount_minor=line.discount.minor,
            tax_rate=line.tax_rate,
            currency=line.unit.currency,
            release_on=line.release_on,
        )
        for line in quote.lines
    )
