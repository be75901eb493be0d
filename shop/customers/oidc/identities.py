"""Which account an identity of the issuer opens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.customers import outbox
from shop.customers.backend import customers_users
from shop.customers.errors import AccountClosed
from shop.customers.forms import CustomerEmailField
from shop.customers.models import Customer
from shop.customers.registration import ensure, language


class NotVerified(Exception):
    """The issuer does not say that the mail address belongs to this person."""


@dataclass(frozen=True)
class Identity:
    """An identity that opens an account. ``service`` is the issuer's name."""

    pk: int
    service: str
    linked_at: datetime


def linked_to(customer: Customer) -> list[Identity]:
    """Return the identities that open the account, the oldest first."""
    rows = SocialAccount.objects.filter(user_id=customer.pk).order_by("pk")
    return [Identity(row.pk, settings.OIDC_NAME, row.date_joined) for row in rows]


@transaction.atomic
def unlink(customer: Customer, pk: int) -> bool:
    """Unlink one of the account's identities, and say so. Return False if it is none.

    The account is still opened by a code sent to its address.
    """
    rows = SocialAccount.objects.filter(user_id=customer.pk, pk=pk)
    if not rows.delete()[0]:
        return False
    outbox.queue(customer.email, "unlinked", language())
    return True


def open_account(provider: str, uid: str, claims: dict[str, Any]) -> Customer:
    """Return the account of the identity; link it, or make one, if there is none.

    It is linked only by a mail address that the issuer calls verified; that of an
    account here always is. Raises NotVerified, and AccountClosed for an account that
    staff have closed.
    """
    linked = _linked(provider, uid)
    if linked:
        return linked
    customer, is_new = ensure(_verified_email(claims))
    _link(customer, provider, uid, is_new=is_new)
    return _linked(provider, uid) or customer


def _linked(provider: str, uid: str) -> Customer | None:
    row = SocialAccount.objects.filter(provider=provider, uid=uid).first()
    if row is None:
        return None
    # allauth keeps the claims there, which nobody needs.
    SocialAccount.objects.filter(pk=row.pk).exclude(extra_data={}).update(extra_data={})
    user = customers_users().filter(pk=row.user_id).first()
    if user is None:
        raise AccountClosed
    return user.customer


def _link(customer: Customer, provider: str, uid: str, *, is_new: bool) -> None:
    """Link the identity, and say so to a customer who had an account before."""
    try:
        with transaction.atomic():
            SocialAccount.objects.create(
                user=customer.user, provider=provider, uid=uid, extra_data={}
            )
            if not is_new:
                outbox.queue(customer.email, "linked", language())
    except IntegrityError:
        # Another tab was first.
        return


def _verified_email(claims: dict[str, Any]) -> str:
    if claims.get("email_verified") is not True:
        raise NotVerified
    try:
        return str(CustomerEmailField().clean(claims.get("email")))
    except ValidationError as error:
        raise NotVerified from error
