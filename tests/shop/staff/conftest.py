"""A member of staff who signs in."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.shop.staff.door import Door
from tests.support.staff import make_staff


@pytest.fixture
def yuki(db: None) -> User:
    """A member of staff who may see stalled orders, without a second factor."""
    user: User = make_staff("view_stalledorder")
    return user


@pytest.fixture
def door(client: Client, yuki: User) -> Door:
    return Door(client)


@pytest.fixture
def is_required(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
