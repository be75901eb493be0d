"""Accounts: made when a mail address was proven, changed, and deleted."""

from uuid import uuid4

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from shop.customers import hooks, outbox
from shop.customers.backend import customers_users
from shop.customers.errors import AccountClosed, EmailTaken
from shop.customers.models import AccountMail, Customer, MailCode


def find(email: str) -> Customer | None:
    """Return the customer with this address, in small letters."""
    rows = Customer.objects.filter(email=email, user__in=customers_users())
    return rows.select_related("user").first()


def ensure(email: str, password: str = "") -> tuple[Customer, bool]:
    """Return the customer whose mail address was just proven, and whether it is new.

    ``password`` is a hash, for a new account only: an old one keeps its own. Several at
    once make one. Raises AccountClosed for an account that staff have closed.
    """
    try:
        return _create(email, password), True
    except IntegrityError:
        found = find(email)
        if found is None:
            raise AccountClosed from None
        return found, False


@transaction.atomic
def _create(email: str, password: str) -> Customer:
    user = User(username=f"customer-{uuid4().hex}")
    if password:
        user.password = password
    else:
        user.set_unusable_password()
    user.save(force_insert=True)
    return Customer.objects.create(user=user, email=email, language=language())


@transaction.atomic
def change_email(customer: Customer, email: str) -> None:
    """Set the proven address, and say so to the old one. Raises EmailTaken."""
    old = customer.email
    try:
        with transaction.atomic():
            Customer.objects.filter(pk=customer.pk).update(email=email)
    except IntegrityError as error:
        raise EmailTaken(email) from error
    customer.email = email
    outbox.queue(old, "email_changed", language(), new=email)


@transaction.atomic
def set_password(customer: Customer, password: str) -> None:
    """Set the password, which ends all other sessions, and say so by mail."""
    customer.user.set_password(password)
    customer.user.save(update_fields=["password"])
    outbox.queue(customer.email, "password_changed", language())


@transaction.atomic
def delete(customer: Customer, *, tell: bool = True) -> None:
    """Erase the account, and all that hangs on it. Orders stay, without the person.

    The customer's row goes first: an order that is being placed waits for it, or is
    found by the erasers.
    """
    pk, email, user = customer.pk, customer.email, customer.user
    MailCode.objects.filter(email=email).delete()
    AccountMail.objects.filter(to=email).delete()
    Customer.objects.filter(pk=pk).delete()
    hooks.erase(pk, email)
    User.objects.filter(pk=user.pk).delete()
    if tell:
        outbox.queue(email, "deleted", language())


def lock(customer: Customer) -> int | None:
    """Return the key of an account that stays until this transaction ends.

    None if it was deleted meanwhile.
    """
    rows = Customer.objects.filter(pk=customer.pk)
    return customer.pk if rows.update(language=language()) else None


def language() -> str:
    return (get_language() or "en")[:2]
