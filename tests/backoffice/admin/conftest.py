"""Members of staff who are signed in at the admin."""

import pytest
from django.test import Client

from checkout.payments.fake.gateway import FakeGateway
from tests.support.staff import make_staff


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """Return a client who may see stalled orders and resume them."""
    user = make_staff("view_stalledorder", "resume_stalledorder")
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client: Client, db: None) -> Client:
    """Return a client who may only see stalled orders."""
    client.force_login(make_staff("view_stalledorder", name="miru"))
    return client


@pytest.fixture
def outsider(client: Client, db: None) -> Client:
    """Return a client of staff without any permission."""
    client.force_login(make_staff(name="soto"))
    return client


@pytest.fixture
def clerk(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may correct orders."""
    client.force_login(make_staff("view_order", "view_orderchange", "correct_order"))
    return client
