"""Who looks at the staff's pages."""

import pytest
from django.test import Client

from tests.support.staff import make_staff


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """Signed in: may see the stalled orders and resume them."""
    user = make_staff("view_stalledorder", "resume_stalledorder")
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client: Client, db: None) -> Client:
    """Signed in: may see the stalled orders, no more."""
    client.force_login(make_staff("view_stalledorder", name="miru"))
    return client


@pytest.fixture
def outsider(client: Client, db: None) -> Client:
    """Signed in as staff, without any permission."""
    client.force_login(make_staff(name="soto"))
    return client
