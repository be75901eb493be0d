"""Users and groups keep the names that history and commands know them by."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from backoffice.roles import make_groups
from tests.shop.catalogue.test_identities import address
from tests.support.shopping import text_of


@pytest.fixture
def colleague(db: None) -> User:
    """Somebody who has signed in."""
    return User.objects.create_user("yuki", is_staff=True, last_login=timezone.now())


def test_people_whom_history_names_are_kept(
    admin_client: Client, colleague: User
) -> None:
    answer = admin_client.post(address(colleague, "delete"), {"post": "yes"})
    assert "Untick “Active” instead" in text_of(answer)
    assert User.objects.filter(username="yuki").exists()


def test_people_whom_history_names_keep_their_names(
    admin_client: Client, colleague: User
) -> None:
    joined = timezone.localtime(colleague.date_joined)
    form = {
        "username": "hana",
        "date_joined_0": joined.date().isoformat(),
        "date_joined_1": joined.time().isoformat(),
    }
    answer = admin_client.post(address(colleague), form)
    assert "history names them by this name" in text_of(answer)
    assert User.objects.filter(username="yuki").exists()


def test_a_user_who_never_signed_in_is_deleted(admin_client: Client) -> None:
    stray = User.objects.create_user("typo")
    answer = admin_client.post(address(stray, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not User.objects.filter(username="typo").exists()
    assert LogEntry.objects.get().object_repr == "typo"


def test_the_predefined_groups_keep_their_names(admin_client: Client) -> None:
    make_groups()
    group = Group.objects.get(name="Operator")
    answer = admin_client.post(address(group, "delete"), {"post": "yes"})
    assert "Take its members out instead" in text_of(answer)
    answer = admin_client.post(address(group), {"name": "Clerk"})
    assert "Predefined groups keep their names" in text_of(answer)
    assert Group.objects.filter(name="Operator").exists()


def test_another_group_is_renamed_and_deleted(admin_client: Client) -> None:
    group = Group.objects.create(name="Guests")
    assert admin_client.post(address(group), {"name": "Friends"}).status_code == 302
    answer = admin_client.post(address(group, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not Group.objects.exists()
