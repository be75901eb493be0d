"""Staff see what unpaid orders hold, and free it after a preview."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from inventory.models import Hold, StockItem
from inventory.services import pin, receive, reserve
from tests.backoffice.answers import messages
from tests.support.staff import make_staff

LIST = "/admin/inventory/hold/"


@pytest.fixture
def holds(db: None) -> list[str]:
    """Hold four mugs without a payment, and three that are being paid."""
    receive("MUG", 10, "opening")
    until = timezone.now() + timedelta(minutes=30)
    reserve("261122-UNPAID", {"MUG": 4}, until)
    reserve("261122-PAYING", {"MUG": 3}, until)
    pin("261122-PAYING")
    return [str(pk) for pk in Hold.objects.values_list("pk", flat=True)]


@pytest.fixture
def keeper(client: Client, db: None) -> Client:
    client.force_login(make_staff("view_hold", "free_hold", name="soko"))
    return client


def held() -> int:
    return StockItem.objects.get().held


def test_the_preview_says_what_will_be_freed_and_frees_nothing(
    keeper: Client, holds: list[str]
) -> None:
    chosen = {"action": "free_holds", "_selected_action": holds}

    page = " ".join(keeper.post(LIST, chosen).content.decode().split())

    assert "4 x MUG, held for order 261122-UNPAID" in page
    assert "261122-PAYING" not in page
    assert "1 chosen hold stays as it is" in page
    assert held() == 7


def test_what_is_unpaid_is_freed_and_what_is_being_paid_is_not(
    keeper: Client, holds: list[str]
) -> None:
    chosen = {"action": "free_holds", "_selected_action": holds, "confirmed": "yes"}

    answer = keeper.post(LIST, chosen, follow=True)

    assert messages(answer) == ["4 units were freed."]
    assert held() == 3
    assert Hold.objects.get(reference="261122-UNPAID").state == Hold.State.RELEASED
    assert LogEntry.objects.get().object_repr.startswith("261122-UNPAID")
    again = keeper.post(LIST, chosen, follow=True)
    assert messages(again) == ["0 units were freed."]


def test_who_may_only_look_frees_nothing(client: Client, holds: list[str]) -> None:
    client.force_login(make_staff("view_hold", name="miru"))
    chosen = {"action": "free_holds", "_selected_action": holds, "confirmed": "yes"}

    client.post(LIST, chosen)

    assert "free_holds" not in client.get(LIST).content.decode()
    assert held() == 7
