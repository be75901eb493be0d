"""check_inflight before a deploy, and how commands show a saga that is held back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkout.flow.definition import CHECKOUT
from checkout.payments.fake.gateway import FakeGateway
from saga.definition import register
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.ordering import place

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

RESERVE, AUTHORIZE, CAPTURE, FULFIL, CONFIRM = CHECKOUT.steps


@pytest.fixture(autouse=True)
def todays_code() -> Iterator[None]:
    yield
    register(CHECKOUT)


@pytest.fixture
def saga(gateway: FakeGateway, clock: Clock) -> Saga:
    """Return the saga of an order whose goods are reserved, with nothing else done."""
    _order, saga = place(units={"MUG-01": 1})
    run(saga.pk, link=RESERVE.link)
    saga.refresh_from_db()
    assert saga.step == AUTHORIZE.name
    return saga


def gate() -> tuple[int, str]:
    """Run check_inflight; return exit code and output."""
    out = StringIO()
    try:
        call_command("check_inflight", stdout=out)
    except CommandError as refusal:
        return refusal.returncode, out.getvalue()
    return 0, out.getvalue()


def test_the_same_code_may_be_deployed(saga: Saga) -> None:
    code, text = gate()

    assert (code, "can continue every saga" in text) == (0, True)


@pytest.mark.parametrize("state", [State.RUNNING, State.WAITING, State.FAILED])
def test_code_without_the_step_may_not(saga: Saga, state: State) -> None:
    Saga.objects.update(state=state, alert_wanted_at=saga.due_at)
    steps = (RESERVE, CAPTURE, FULFIL, CONFIRM)
    register(replace(CHECKOUT, version=2, steps=steps))

    code, text = gate()

    assert code == 1
    assert text.startswith("1 x checkout version 1 at authorize_payment")
    assert saga.reference in text
    assert "no step 'authorize_payment' of 'checkout' (version 2)" in text


def test_code_without_the_version_or_the_definition_may_not(saga: Saga) -> None:
    Saga.objects.update(version=2)
    code, text = gate()
    assert (code, "no version 2 of 'checkout'" in text) == (1, True)

    Saga.objects.update(definition="returns")
    code, text = gate()
    assert (code, "no saga called 'returns'" in text) == (1, True)


def test_code_that_could_not_undo_what_was_done_may_not(saga: Saga) -> None:
    without = replace(CHECKOUT, version=2, steps=CHECKOUT.steps[1:])
    register(without)
    code, text = gate()
    assert code == 1
    assert "at reserve_stock" in text
    assert "might have to be undone" in text

    register(replace(without, retired=(RESERVE,)))
    assert gate()[0] == 0


def test_a_renamed_step_and_a_saga_that_ended_are_no_hindrance(saga: Saga) -> None:
    renamed = replace(AUTHORIZE, name="secure_payment", aliases=(AUTHORIZE.name,))
    steps = (RESERVE, renamed, CAPTURE, FULFIL, CONFIRM)
    register(replace(CHECKOUT, version=2, steps=steps))
    assert gate()[0] == 0

    register(CHECKOUT)
    run(saga.pk)
    assert Saga.objects.main_paths().get().state == State.DONE
    register(replace(CHECKOUT, version=2, steps=(RESERVE,), branches=()))
    assert gate()[0] == 0


def test_scripts_read_one_document(saga: Saga) -> None:
    Saga.objects.update(version=2)
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("check_inflight", "--json", stdout=out)

    (found,) = json.loads(out.getvalue())
    assert (found["definition"], found["version"]) == ("checkout", 2)
    assert (found["count"], found["example"]) == (1, saga.reference)


def test_the_commands_say_what_holds_an_order_back(saga: Saga) -> None:
    Saga.objects.update(version=2)
    listed, shown, document = StringIO(), StringIO(), StringIO()

    call_command("saga_list", stdout=listed)
    call_command("saga_show", saga.reference, stdout=shown)
    call_command("saga_show", saga.reference, "--json", stdout=document)

    assert "held back: this code has no version 2" in listed.getvalue()
    assert "held back: this code has no version 2" in shown.getvalue()
    assert "no version 2" in json.loads(document.getvalue())["held_back"]
