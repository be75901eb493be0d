"""Resuming from the failed step: previewed, run once, with name and reason."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inventory.models import StockItem
from orders.models import Order
from saga.engine import run
from saga.models import Attempt, Saga, State
from saga.operations import resume
from tests.backoffice.answers import Answer, messages
from tests.support.staff import make_done, make_staff, make_stalled, stop_mail_too

URL = "/admin/backoffice/stalledorder/resume/"


def press(
    client: Client, *orders: Order, reason: str = "disk emptied", fence: int = 20
) -> Answer:
    sent = {"reason": reason, "order": [order.pk for order in orders]}
    sent |= {f"seen_{order.pk}": shown(order, fence) for order in orders}
    return client.post(URL, sent, follow=True)


def shown(order: Order, fence: int = 20) -> list[str]:
    """Return what the page sends: each saga that stopped, with its fence."""
    sagas = Saga.objects.filter(reference=order.number)
    return [f"{saga.pk}:{fence}" for saga in sagas]


def test_the_preview_says_what_will_happen_and_does_nothing_yet(
    operator: Client,
) -> None:
    order = make_stalled()
    html = operator.get(URL, {"order": order.pk}).content.decode()
    assert "Will not charge: ¥4,200 was charged at" in html
    assert "Will take 2 x MUG from stock and confirm the order." in html
    # That is no matter of this step: the mail goes out beside it.
    assert "Will send one mail" not in html
    assert Saga.objects.main_paths().get().state == State.FAILED


def test_with_an_unknown_charge_it_says_that_stripe_is_asked_first(
    operator: Client,
) -> None:
    order = make_stalled(step="capture_payment")
    order.payment.__class__.objects.update(
        status="authorized", captured_minor=0, captured_at=None
    )
    html = operator.get(URL, {"order": order.pk}).content.decode()
    assert "Will first ask Stripe whether ¥4,200 was charged already" in html


def test_an_order_that_stopped_twice_is_resumed_by_one_press(operator: Client) -> None:
    order = make_stalled()
    stop_mail_too(order)
    html = operator.get(URL, {"order": order.pk}).content.decode()
    assert "Will take 2 x MUG from stock and confirm the order." in html
    assert "Will send one mail to hanako@example.com." in html
    assert html.count("Will not charge") == 1

    answer = press(operator, order)

    assert messages(answer) == ["1 order resumed."]
    assert {saga.state for saga in Saga.objects.all()} == {State.RUNNING}
    assert Attempt.objects.filter(outcome=Attempt.Outcome.RESUMED).count() == 2


def test_what_was_resumed_since_is_said_and_the_rest_goes_on(operator: Client) -> None:
    order = make_stalled()
    mail_ = stop_mail_too(order)
    resume(mail_, "taro", "faster")
    (said, done) = messages(press(operator, order))
    assert said.startswith("261122-AAAAAA was already resumed by taro at ")
    assert done == "1 order resumed."
    assert {saga.state for saga in Saga.objects.all()} == {State.RUNNING}


def test_resumed_order_goes_on_to_its_end_once(operator: Client) -> None:
    order = make_stalled()
    answer = press(operator, order)
    assert answer.status_code == 200
    assert messages(answer) == ["1 order resumed."]
    assert "Resumed by yuki at" in answer.content.decode()
    saga = Saga.objects.main_paths().get()
    assert saga.state == State.RUNNING
    act = saga.attempts.get(outcome=Attempt.Outcome.RESUMED)
    assert (act.actor, act.note) == ("yuki", "disk emptied")

    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert [sent.to for sent in mail.outbox] == [["hanako@example.com"]]
    item = StockItem.objects.get()
    assert (item.on_hand, item.held) == (8, 0)
    page = operator.get(
        reverse("admin:backoffice_stalledorder_change", args=[order.pk])
    )
    assert "Now: done." in page.content.decode()


def test_the_second_of_two_is_refused_and_names_the_first(operator: Client) -> None:
    order = make_stalled()
    press(operator, order)
    again = press(operator, order)
    (said,) = messages(again)
    assert said.startswith("261122-AAAAAA was already resumed by yuki at ")
    assert Attempt.objects.filter(outcome=Attempt.Outcome.RESUMED).count() == 1


def test_a_page_that_is_out_of_date_resumes_nothing(operator: Client) -> None:
    order = make_stalled()
    saga = Saga.objects.main_paths().get()
    resume(saga, "taro", "first try")
    now = saga.due_at
    Saga.objects.update(state=State.FAILED, failed_at=now, alert_wanted_at=now)
    answer = press(operator, order, fence=20)
    (said,) = messages(answer)
    assert "it has changed since you opened the page" in said
    assert "resumed by taro" in said
    assert Saga.objects.main_paths().get().state == State.FAILED


def test_a_reason_is_required_and_what_was_chosen_is_kept(operator: Client) -> None:
    order = make_stalled()
    answer = press(operator, order, reason="  ")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Enter why it can be resumed now." in html
    assert f'name="order" value="{order.pk}"' in html
    assert Saga.objects.main_paths().get().state == State.FAILED


def test_it_needs_its_own_permission(viewer: Client) -> None:
    order = make_stalled()
    assert viewer.get(URL, {"order": order.pk}).status_code == 403
    assert press(viewer, order).status_code == 403
    assert Saga.objects.main_paths().get().state == State.FAILED
    html = viewer.get("/admin/backoffice/stalledorder/").content.decode()
    assert "resume_selected" not in html


def test_it_needs_the_form_of_this_site(db: None) -> None:
    order = make_stalled()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_staff("resume_stalledorder"))
    sent = {"order": order.pk, f"seen_{order.pk}": shown(order), "reason": "because"}
    assert strict.post(URL, sent).status_code == 403
    assert Saga.objects.main_paths().get().state == State.FAILED


def test_looking_at_the_address_changes_nothing(operator: Client) -> None:
    order = make_stalled()
    query = {"order": str(order.pk), f"seen_{order.pk}": shown(order), "reason": "x"}
    operator.get(URL, query)
    assert Saga.objects.main_paths().get().state == State.FAILED


def test_the_action_of_the_list_leads_to_the_same_question(operator: Client) -> None:
    orders = [make_stalled(f"261122-N{count:05}") for count in range(3)]
    answer = operator.post(
        "/admin/backoffice/stalledorder/",
        {
            "action": "resume_selected",
            "_selected_action": [order.pk for order in orders[:2]],
        },
        follow=True,
    )
    html = answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(URL)
    assert "Resume these 2 orders" in html
    assert "261122-N00002" not in html
    assert Saga.objects.failed().count() == 3


def test_each_of_several_orders_gets_its_own_result(operator: Client) -> None:
    first, second = make_stalled("261122-FIRST0"), make_stalled("261122-SECOND")
    resume(Saga.objects.get(reference=second.number), "taro", "faster")
    answer = press(operator, first, second)
    said = messages(answer)
    assert said[0].startswith("261122-SECOND was already resumed by taro")
    assert said[1] == "1 order resumed."
    html = answer.content.decode()
    assert "261122-FIRST0" in html
    assert "261122-SECOND" in html


def test_an_order_that_does_not_stand_still_is_left_out_of_the_question(
    operator: Client,
) -> None:
    done, stalled = make_done("261122-DONE00"), make_stalled()
    html = operator.get(URL, {"order": [done.pk, stalled.pk]}).content.decode()
    assert "261122-DONE00 does not stand still. It is: done." in html
    assert f'value="{done.pk}"' not in html


def test_nonsense_in_the_form_resumes_nothing(operator: Client) -> None:
    order = make_stalled()
    for seen in ("", "x", "-1", "1:", "1:-1", "0:20"):
        operator.post(URL, {"order": order.pk, f"seen_{order.pk}": seen, "reason": "x"})
    operator.post(URL, {"order": "1 OR 1=1", "reason": "x"})
    assert Saga.objects.main_paths().get().state == State.FAILED


@pytest.mark.parametrize("count", [1, 12])
def test_the_question_costs_the_same_for_many(
    operator: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_stalled(f"261122-Q{number:05}")
    keys = list(Order.objects.values_list("pk", flat=True))
    operator.get(URL, {"order": keys})
    with django_assert_max_num_queries(13):
        operator.get(URL, {"order": keys})
