"""A browser of a customer with an account, over HTTP; codes are read in the outbox."""

import html
import re
from typing import Any

from django.test import Client

from shop.customers.models import AccountMail, Customer
from shop.customers.registration import ensure

EMAIL = "hanako@customer.example"
PASSWORD = "tangerine-harbour-7"
HOME = "/account/"
SIGN_IN = "/account/sign-in/"
SIGN_UP = "/account/sign-up/"
SIGN_OUT = "/account/sign-out/"
FORGOTTEN = "/account/forgotten/"
CODE = "/account/code/"
WRONG = "0000 0000"


def make_customer(email: str = EMAIL, password: str = PASSWORD) -> Customer:
    customer, _is_new = ensure(email)
    if password:
        customer.user.set_password(password)
        customer.user.save()
    return customer


def last_code(email: str = EMAIL) -> str:
    """Return the digits in the newest mail to this address."""
    code: str = AccountMail.objects.filter(to=email).latest("pk").data["code"]
    return code


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD) -> Any:
    return client.post(SIGN_IN, {"email": email, "password": password})


def ask_for_code(client: Client, email: str = EMAIL, **fields: str) -> Any:
    return client.post(SIGN_IN, {"email": email, "by_code": "1", **fields})


def enter(client: Client, code: str) -> Any:
    return client.post(CODE, {"code": code})


def is_signed_in(client: Client) -> bool:
    return bool(client.get(HOME).status_code == 200)


def words(answer: Any) -> str:
    """Return the main part of the page as one line of text."""
    page = answer.content.decode()
    main = page.partition("<main")[2] or page
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", main)
    return re.sub(r"\s+", " ", html.unescape(text))
