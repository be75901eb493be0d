"""What belongs to a customer in the shop: the cart and the orders."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponseBase

from checkout.cart.cookies import cart_uid, forget_cart, remember_cart
from checkout.cart.ownership import erase_owner, take_over
from checkout.contact.services import forget_address
from checkout.my_page.export import export_addresses, export_messages, export_orders
from checkout.restock.services import stop_waiting
from orders.models import Order, Return, ReturnPhoto
from shop.customers.models import Customer


def signed_in(
    request: HttpRequest, response: HttpResponseBase, customer: Customer
) -> None:
    """Join the guest's orders and cart with the account."""
    join_orders(customer)
    cart = take_over(customer.pk, cart_uid(request))
    if cart:
        remember_cart(response, cart)
    else:
        forget_cart(response)


def signed_out(response: HttpResponseBase) -> None:
    forget_cart(response)


def join_orders(customer: Customer) -> int:
    """Take the orders that were made as a guest with the account's proven address.

    Return how many. Twice is once.
    """
    return _guests_orders(customer.email).update(customer_id=customer.pk)


def erase(customer_pk: int, email: str) -> None:
    """Let go of the orders, which the books need; remove all that nobody needs."""
    stop_waiting(email)
    forget_address(email)
    # A photo of a return that is open is still needed, to decide and to settle it.
    ended = Return.objects.filter(closed_at__isnull=False)
    orders = ended.filter(order__customer_id=customer_pk)
    ReturnPhoto.objects.filter(returned__in=orders).delete()
    Order.objects.filter(customer_id=customer_pk).update(customer_id=None)
    erase_owner(customer_pk)


def _guests_orders(email: str) -> "QuerySet[Order, Any]":
    return Order.objects.alias(lower=Lower("email")).filter(
        lower=email, customer_id=None
    )


EXPORTS = {
    "orders": export_orders,
    "addresses": export_addresses,
    "messages": export_messages,
}
