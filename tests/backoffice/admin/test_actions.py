"""Staff actions on an order: offered by state and permission, previewed, run once."""

from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from backoffice.models import OrderNote
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import Refused
from orders import transitions
from orders.models import Order, OrderEvent, Payment
from saga.engine import run
from saga.models import Attempt, Saga, State
from tests.backoffice.answers import Answer, messages
from tests.support.commands import stopped_at_payment
from tests.support.ordering import counters
from tests.support.staff import (
    make_done,
    make_order,
    make_payment,
    make_saga,
    make_staff,
    make_stalled,
)

PERMISSIONS = [
    "view_stalledorder",
    "resume_stalledorder",
    "settle_stalledorder",
    "cancel_stalledorder",
    "note_stalledorder",
    "resend_ordermail",
]


@pytest.fixture
def actor(client: Client, db: None) -> Client:
    """Return a client who may do everything that the buttons offer."""
    client.force_login(make_staff(*PERMISSIONS, name="sousa"))
    return client


def page_of(order: Order) -> str:
    return reverse("admin:backoffice_stalledorder_change", args=[order.pk])


def action_url(order: Order, name: str) -> str:
    return reverse("admin:backoffice_stalledorder_act", args=[order.pk, name])


def offered(client: Client, order: Order) -> list[str]:
    return [button.name for button in client.get(page_of(order)).context["buttons"]]


def press(
    client: Client,
    order: Order,
    name: str,
    *,
    reason: str = "looked into it",
    **sent: object,
) -> Answer:
    sent = {"seen": 20, "key": uuid4(), "reason": reason, **sent}
    return client.post(action_url(order, name), sent, follow=True)


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("authorize_payment", ["edit", "mark", "cancel"]),
        ("capture_payment", ["edit", "mark"]),
        ("fulfil_order", ["mark"]),
        ("send_confirmation", ["edit", "mark", "skip"]),
    ],
)
def test_the_state_decides_which_buttons_there_are(
    actor: Client, step: str, names: list[str]
) -> None:
    assert offered(actor, make_stalled(step=step)) == names


def test_an_order_that_has_ended_offers_nothing(actor: Client) -> None:
    assert offered(actor, make_done("261122-DONE00")) == []


def test_an_order_that_waits_for_its_customer_can_be_cancelled(actor: Client) -> None:
    order = make_order()
    make_payment(order, status=Payment.Status.PENDING)
    make_saga(order, state=State.WAITING, step="authorize_payment")
    assert offered(actor, order) == ["mark", "cancel"]


def test_each_button_needs_its_permission(operator: Client) -> None:
    order = make_stalled(step="send_confirmation")
    assert offered(operator, order) == ["edit"]
    assert operator.get(action_url(order, "edit")).status_code == 200
    for name in ("mark", "skip", "cancel"):
        assert operator.get(action_url(order, name)).status_code == 403
        assert press(operator, order, name).status_code == 403
    assert Saga.objects.latest("pk").state == State.FAILED


def test_unknown_actions_and_orders_are_not_found(actor: Client) -> None:
    order = make_stalled()
    assert actor.get(action_url(order, "explode")).status_code == 404
    order.pk = 4711
    assert actor.get(action_url(order, "skip")).status_code == 404


def test_a_new_input_is_asked_for_then_previewed_then_used(actor: Client) -> None:
    order = make_stalled(step="send_confirmation")
    asked = actor.get(action_url(order, "edit")).content.decode()
    assert 'name="input_email" value="hanako@example.com"' in asked

    said = actor.get(action_url(order, "edit"), {"input_email": "h@example.org"})
    html = said.content.decode()
    assert "Will use “h@example.org” as mail address, not “hanako@example.com”" in html
    assert "Will send one mail to h@example.org." in html
    assert Saga.objects.latest("pk").state == State.FAILED

    answer = press(actor, order, "edit", input_email="h@example.org")
    assert messages(answer) == ["261122-AAAAAA resumed."]
    saga = Saga.objects.latest("pk")
    assert saga.state == State.RUNNING
    row = saga.attempts.get(outcome=Attempt.Outcome.EDITED)
    assert (row.actor, row.note) == ("sousa", "looked into it")
    assert row.input["email"]["new"] == "h@example.org"


def test_what_is_no_mail_address_is_refused_and_can_be_typed_again(
    actor: Client,
) -> None:
    order = make_stalled(step="send_confirmation")
    answer = actor.get(action_url(order, "edit"), {"input_email": "nowhere"})
    html = answer.content.decode()
    assert "What was typed in cannot be used here." in html
    assert 'name="input_email" value="nowhere"' in html
    answer = press(actor, order, "edit", input_email="nowhere")
    assert messages(answer)[0].endswith("What was typed in cannot be used here.")
    assert Saga.objects.latest("pk").state == State.FAILED


def test_skipping_says_what_is_left_out_and_ends_the_order(actor: Client) -> None:
    order = make_stalled(step="send_confirmation")
    html = actor.get(action_url(order, "skip")).content.decode()
    assert "Will leave out the step “Send the confirmation mail”." in html
    assert "Will not charge: ¥4,200 was charged at" in html
    answer = press(actor, order, "skip")
    saga = Saga.objects.latest("pk")
    assert saga.state == State.DONE
    assert saga.attempts.get(outcome=Attempt.Outcome.SKIPPED).actor == "sousa"
    assert "A step was skipped by sousa" in answer.content.decode()


def test_marking_the_mail_as_sent_needs_no_proof(actor: Client) -> None:
    order = make_stalled(step="send_confirmation")
    press(actor, order, "mark", reason="sent by hand")
    assert Saga.objects.latest("pk").state == State.DONE
    assert order.events.filter(name="confirmation_sent").count() == 1


def test_without_proof_nothing_is_marked_and_the_page_says_so(actor: Client) -> None:
    order = make_stalled(step="fulfil_order")
    answer = actor.get(action_url(order, "mark"))
    html = answer.content.decode()
    assert "There is no proof that the step was done" in html
    assert "the ledger says that nothing left" in html
    assert 'name="reason"' not in html
    answer = press(actor, order, "mark")
    assert "There is no proof" in messages(answer)[0]
    assert Saga.objects.latest("pk").state == State.FAILED


def test_cancelling_before_the_charge_undoes_everything(
    actor: Client, gateway: FakeGateway
) -> None:
    order = stopped_at_payment(gateway)
    saga = Saga.objects.latest("pk")
    html = actor.get(action_url(order, "cancel")).content.decode()
    assert "Will not charge anything." in html
    assert "Will put 1 x MUG-01 back into stock and cancel the order." in html
    press(actor, order, "cancel", seen=saga.fence)
    run(saga.pk)
    saga.refresh_from_db()
    order.refresh_from_db()
    assert (saga.state, order.status) == (State.COMPENSATED, Order.Status.CANCELLED)
    assert counters()[1] == 0


def test_a_charged_order_is_not_cancelled_by_typing_the_address(actor: Client) -> None:
    order = make_stalled()
    html = actor.get(action_url(order, "cancel")).content.decode()
    assert "the charge was sent" in html
    answer = press(actor, order, "cancel")
    assert "the charge was sent" in messages(answer)[0]
    assert Saga.objects.latest("pk").state == State.FAILED


@pytest.mark.parametrize("name", ["edit", "mark", "skip"])
def test_a_page_that_is_out_of_date_does_nothing(actor: Client, name: str) -> None:
    order = make_stalled(step="send_confirmation")
    answer = press(actor, order, name, seen=19, input_email="h@example.org")
    assert "It has changed since you opened the page." in messages(answer)[0]
    assert Saga.objects.latest("pk").state == State.FAILED
    assert not Attempt.objects.exclude(actor="").exists()


def test_pressed_twice_it_is_done_once(actor: Client) -> None:
    order = make_stalled(step="send_confirmation")
    press(actor, order, "skip")
    answer = press(actor, order, "skip")
    assert "It has ended" in messages(answer)[0]
    assert Attempt.objects.filter(outcome=Attempt.Outcome.SKIPPED).count() == 1


@pytest.mark.parametrize("sent", [{"reason": " "}, {"seen": ""}, {"seen": "x"}])
def test_without_a_reason_nothing_is_done(actor: Client, sent: dict[str, str]) -> None:
    order = make_stalled(step="send_confirmation")
    answer = press(actor, order, "skip", **sent)
    assert answer.status_code == 422
    assert Saga.objects.latest("pk").state == State.FAILED


def test_without_an_answer_of_the_provider_nothing_is_marked(
    actor: Client, gateway: FakeGateway
) -> None:
    order = make_stalled(step="capture_payment")
    gateway.fail("retrieve", Refused("no such payment"))
    html = actor.get(action_url(order, "mark")).content.decode()
    assert "the payment provider could not be asked" in html
    assert Saga.objects.latest("pk").state == State.FAILED


def sent_order() -> Order:
    order = make_done("261122-DONE00")
    transitions.record_event(order.pk, OrderEvent.Name.CONFIRMATION_SENT)
    return order


def test_the_confirmation_is_sent_again_once_for_each_form(actor: Client) -> None:
    order, key = sent_order(), uuid4()
    assert offered(actor, order) == ["resend"]
    html = actor.get(action_url(order, "resend")).content.decode()
    assert "Will send one mail to hanako@example.com, as at" in html
    press(actor, order, "resend", key=key, reason="in the spam")
    press(actor, order, "resend", key=key, reason="in the spam")
    wanted = OrderMail.objects.get()
    assert (wanted.kind, wanted.state) == ("confirmation", "wanted")
    assert outbox.send(wanted.pk)
    (sent,) = mail.outbox
    assert sent.to == ["hanako@example.com"]
    assert order.number in str(sent.body)
    written = OrderNote.objects.get()
    assert written.actor == "sousa"
    assert written.text.endswith("hanako@example.com: in the spam")


def test_the_confirmation_goes_to_the_address_of_the_first_one(actor: Client) -> None:
    order = sent_order()
    Saga.objects.update(data={"input": {"email": "h@example.org"}})
    press(actor, order, "resend")
    assert OrderMail.objects.get().data == {"to": "h@example.org"}
    outbox.send(OrderMail.objects.get().pk)
    assert mail.outbox[0].to == ["h@example.org"]


def test_without_a_first_confirmation_nothing_is_sent_again(actor: Client) -> None:
    order = make_stalled()
    assert "resend" not in offered(actor, order)
    html = actor.get(action_url(order, "resend")).content.decode()
    assert "It was not sent yet" in html
    answer = press(actor, order, "resend").content.decode()
    assert f"{order.number}: It was not sent yet" in answer
    assert not OrderMail.objects.exists()
    assert not OrderNote.objects.exists()


def note(
    client: Client, order: Order, key: UUID, text: str = "rang the customer"
) -> Answer:
    page = reverse("admin:backoffice_stalledorder_note", args=[order.pk])
    return client.post(page, {"key": key, "text": text}, follow=True)


def test_a_note_is_kept_once_with_its_author(actor: Client) -> None:
    order = make_done("261122-DONE00")
    key = uuid4()
    note(actor, order, key)
    html = note(actor, order, key).content.decode()
    assert "rang the customer" in html
    written = OrderNote.objects.get()
    assert (written.actor, written.order_id) == ("sousa", order.pk)


def test_an_empty_note_is_refused(actor: Client) -> None:
    answer = note(actor, make_stalled(), uuid4(), text=" ")
    assert messages(answer) == ["Write the note first."]
    assert not OrderNote.objects.exists()


def test_notes_need_their_permission(operator: Client) -> None:
    order = make_stalled()
    assert note(operator, order, uuid4()).status_code == 403
    assert "/note/" not in operator.get(page_of(order)).content.decode()
