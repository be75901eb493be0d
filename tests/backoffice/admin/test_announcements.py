"""Staff pause and resume checkout and set the banner: previewed, recorded, once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.roles import GROUPS
from checkout.announcements.models import Announcement
from checkout.announcements.services import (
    active_announcements,
    lift,
    pause,
    put_up,
    usual_message,
)
from orders.models import Payment
from saga.models import State
from tests.backoffice.answers import messages, text_of
from tests.support.staff import make_order, make_payment, make_saga, make_staff

START = "/admin/"
PAUSE = "/admin/checkout/announcement/pause/"
BANNER = "/admin/checkout/announcement/banner/"
HELLO = {"message_en": "Back at nine.", "message_ja": "九時に再開します。"}
PAUSED = "Checkout is paused: no new orders are taken"


@pytest.fixture
def keeper(client: Client, db: None) -> Client:
    """Return a client who may only pause checkout."""
    client.force_login(make_staff("pause_checkout", name="mori"))
    return client


def lift_page(row: Announcement) -> str:
    return reverse("admin:checkout_announcement_lift", args=[row.pk])


def test_the_start_page_leads_to_a_page_that_says_what_will_happen(
    keeper: Client,
) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status.PENDING)
    make_saga(order, state=State.RUNNING, step="authorize_payment")
    assert f'href="{PAUSE}"' in text_of(keeper.get(START))
    page = text_of(keeper.get(PAUSE))
    assert "Will take no new orders until staff resume checkout." in page
    assert "the 1 that is under way goes on" in page
    assert "Will keep every cart" in page
    assert usual_message("en") in page
    assert usual_message("ja") in page
    assert not Announcement.objects.exists()


def test_pausing_is_recorded_with_who_when_and_why(keeper: Client) -> None:
    before = timezone.now()
    answer = keeper.post(PAUSE, HELLO | {"reason": "the bank is away"}, follow=True)
    assert messages(answer) == ["Checkout is paused."]
    row = active_announcements().pause
    assert row is not None
    assert (row.set_by, row.reason) == ("mori", "the bank is away")
    assert (row.message_en, row.message_ja) == tuple(HELLO.values())
    assert before <= row.set_at <= timezone.now()


def test_the_start_page_shows_the_pause_to_all_staff(
    keeper: Client, client: Client
) -> None:
    keeper.post(PAUSE, HELLO | {"reason": "the bank is away"})
    page = text_of(keeper.get(START))
    row = Announcement.objects.get()
    assert PAUSED in page
    assert "by mori: <q>the bank is away</q>" in page.replace(" </p>", "</p>")
    assert "<q>Back at nine.</q>" in page
    assert lift_page(row) in page
    assert f'href="{PAUSE}"' not in page
    client.force_login(make_staff(name="soto"))
    page = text_of(client.get(START))
    assert PAUSED in page
    assert lift_page(row) not in page
    assert BANNER not in page


def test_resuming_asks_first_and_is_recorded(keeper: Client) -> None:
    row = pause("yuki", "the bank is away")
    page = text_of(keeper.get(lift_page(row)))
    assert "Will take orders again at once." in page
    assert "the bank is away" in page
    assert active_announcements().pause == row
    answer = keeper.post(lift_page(row), {"reason": "it is back"}, follow=True)
    assert messages(answer) == ["Orders are taken again."]
    row.refresh_from_db()
    assert (row.lifted_by, row.lift_reason) == ("mori", "it is back")
    assert PAUSED not in text_of(keeper.get(START))


def test_a_second_pause_is_refused_and_names_the_first(keeper: Client) -> None:
    row = pause("yuki", "the bank is away")
    answer = keeper.post(PAUSE, HELLO | {"reason": "as well"}, follow=True)
    assert "Checkout was paused before, by yuki at" in messages(answer)[0]
    lift(row, "taro", "it is back")
    answer = keeper.post(lift_page(row), {"reason": "it is back"}, follow=True)
    assert "Nothing was changed: taro ended it at" in messages(answer)[0]
    assert Announcement.objects.count() == 1


def test_an_old_page_does_not_end_a_later_pause(keeper: Client) -> None:
    old = pause("yuki", "the bank is away")
    lift(old, "taro", "it is back")
    new = pause("yuki", "away again")
    keeper.post(lift_page(old), {"reason": "it is back"})
    assert active_announcements().pause == new


@pytest.mark.parametrize("missing", ["message_en", "message_ja", "reason"])
def test_without_message_or_reason_nothing_is_paused(
    keeper: Client, missing: str
) -> None:
    sent = HELLO | {"reason": "the bank is away", missing: " "}
    answer = keeper.post(PAUSE, sent)
    assert answer.status_code == 422
    assert missing in answer.context["form"].errors
    assert not Announcement.objects.exists()


def test_a_banner_is_set_replaced_and_taken_down(keeper: Client) -> None:
    times = {"starts_at": "2026-12-01T09:00", "ends_at": "2026-12-01T12:00"}
    answer = keeper.post(BANNER, HELLO | times | {"reason": "a move"}, follow=True)
    assert messages(answer) == ["The banner is set."]
    first = active_announcements().banner
    assert first is not None
    assert timezone.localtime(first.starts_at).hour == 9
    assert "A banner is set, and not shown at this time" in text_of(answer)
    page = text_of(keeper.get(BANNER))
    assert "Will take the place of the banner that stands: “Back at nine.”" in page
    keeper.post(BANNER, HELLO | {"reason": "sooner"})
    assert "A banner stands on the shop" in text_of(keeper.get(START))
    row = active_announcements().banner
    assert row is not None
    answer = keeper.post(lift_page(row), {"reason": "over"}, follow=True)
    assert messages(answer) == ["The banner is taken down."]
    assert active_announcements().banner is None
    assert active_announcements().pause is None


def test_a_banner_that_ends_before_it_begins_is_refused(keeper: Client) -> None:
    times = {"starts_at": "2026-12-01T09:00", "ends_at": "2026-12-01T09:00"}
    answer = keeper.post(BANNER, HELLO | times | {"reason": "a move"})
    assert answer.status_code == 422
    assert "It must end after it begins." in text_of(answer)
    assert 'value="2026-12-01T09:00"' in text_of(answer)
    assert not Announcement.objects.exists()


def test_the_list_keeps_every_announcement(keeper: Client) -> None:
    lift(pause("yuki", "the bank is away"), "taro", "it is back")
    soon = timezone.now() + timedelta(hours=1)
    put_up("yuki", "a move", ("Moving.", "引っ越し。"), ends_at=soon)
    pause("yuki", "away again")
    page = text_of(keeper.get("/admin/checkout/announcement/"))
    for words in ("the bank is away", "taro", "Moving.", "away again", "it stands"):
        assert words in page


def test_staff_without_permission_are_refused(outsider: Client) -> None:
    row = pause("yuki", "the bank is away")
    for page in (PAUSE, BANNER, lift_page(row), "/admin/checkout/announcement/"):
        assert outsider.get(page).status_code == 403
    assert outsider.post(lift_page(row), {"reason": "x"}).status_code == 403
    assert active_announcements().pause == row


def test_operators_may_pause_and_viewers_may_look() -> None:
    assert "checkout.pause_checkout" in GROUPS["Operator"]
    assert "checkout.pause_checkout" not in GROUPS["Viewer"]
    assert "checkout.view_announcement" in GROUPS["Viewer"]
