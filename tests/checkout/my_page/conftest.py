"""Hanako, signed in; and Taro, another customer."""

import pytest
from django.test import Client

from shop.customers.models import Customer
from tests.support.accounts import make_customer, sign_in

TARO = "taro@customer.example"


@pytest.fixture
def hanako(db: None) -> Customer:
    return make_customer()


@pytest.fixture
def taro(db: None) -> Customer:
    return make_customer(TARO)


@pytest.fixture
def customer(client: Client, hanako: Customer) -> Client:
    sign_in(client)
    return client


@pytest.fixture
def other(taro: Customer) -> Client:
    client = Client()
    sign_in(client, TARO)
    return client
