"""A customer with a password."""

import pytest

from shop.customers.models import Customer
from tests.support.accounts import make_customer


@pytest.fixture
def hanako(db: None) -> Customer:
    return make_customer()
