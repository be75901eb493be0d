"""What staff read about one customer. Nothing here changes anything."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from backoffice.admin.lists.search import MOST, begins, build_condition
from checkout.contact.models import Enquiry
from checkout.restock.models import RestockRequest
from flows.erasure.models import ErasureRequest
from orders.models import Order, Return
from shop.customers.models import Customer
from shop.customers.oidc.identities import Identity, linked_to
from shop.money import Money

SHOWN = 50


@dataclass(frozen=True)
class Account:
    """A customer's account as far as one member of staff may see it.

    A list is None if this person may not see such rows. ``spent`` is what the orders
    that were not cancelled cost, by currency.
    """

    customer: Customer
    identities: list[Identity]
    orders: list[Order] | None
    order_count: int
    spent: list[Money]
    returns: list[Return] | None
    enquiries: list[Enquiry] | None
    awaited: list[RestockRequest] | None
    erasure: ErasureRequest | None


def read_account(customer: Customer, user: Any) -> Account:
    """Return the account with its newest rows, SHOWN of each kind at most."""
    orders = Order.objects.filter(customer_id=customer.pk).order_by("-pk")
    may_see_orders = user.has_perm("orders.view_order")
    returns = Return.objects.filter(order__in=orders.order_by()).order_by("-pk")
    written = Enquiry.objects.filter(email=customer.email).order_by("-pk")
    # Kept as it was typed.
    awaited = RestockRequest.objects.filter(email__iexact=customer.email)
    awaited = awaited.order_by("-pk")
    may_see_erasure = user.has_perm("flows.view_erasurerequest")
    return Account(
        customer=customer,
        identities=linked_to(customer),
        orders=list(orders[:SHOWN]) if may_see_orders else None,
        order_count=orders.count() if may_see_orders else 0,
        spent=_spent(orders) if may_see_orders else [],
        returns=_seen(
            returns.select_related("order"), user.has_perm("orders.view_return")
        ),
        enquiries=_seen(written.defer("text"), user.has_perm("checkout.view_enquiry")),
        awaited=_seen(
            awaited.select_related("variant__product"),
            user.has_perm("checkout.view_restockrequest"),
        ),
        erasure=ErasureRequest.objects.filter(customer=customer.pk).first()
        if may_see_erasure
        else None,
    )


def find(typed: str) -> Q:
    """Return the condition for customers whom the text names.

    That is the beginning of their mail address, or what finds one of their orders: a
    number, a name, a phone.
    """
    mine = begins("email", typed.lower())
    if "@" in typed:
        return mine
    ordered = Order.objects.filter(build_condition(typed), customer_id__isnull=False)
    owners = ordered.order_by("-pk").values_list("customer_id", flat=True)[:MOST]
    return mine | Q(pk__in=set(owners))


def _seen(rows: QuerySet[Any], may_see: bool) -> list[Any] | None:
    return list(rows[:SHOWN]) if may_see else None


def _spent(orders: QuerySet[Order]) -> list[Money]:
    kept = orders.exclude(status=Order.Status.CANCELLED).order_by()
    sums = kept.values("currency").annotate(spent=Sum("total_minor"))
    return [Money(row["spent"], row["currency"]) for row in sums.order_by("currency")]
