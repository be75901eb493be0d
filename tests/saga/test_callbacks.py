"""Waiting for an answer from the outside by a token, and sleeping until a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from saga.engine import run
from saga.errors import (
    Abort,
    AnsweredOtherwise,
    ForeignToken,
    Retry,
    TooLate,
    UnknownToken,
)
from saga.models import Callback, Saga, State
from saga.operations import answer, cancel
from saga.results import Sleep, Wait
from saga.step import Context
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)


class Outside:
    """Asks once and waits an hour; takes what was answered, or gives up."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def ask(self, context: Context) -> Any:
        if context.answer is not None:
            return {"approved": context.answer["ok"]}
        asked = Callback.objects.filter(saga=context.saga).first()
        if asked is None:
            until = timezone.now() + HOUR
            self.tokens.append(context.ask(until))
            self.meanwhile()
            return Wait(until, "approval")
        if timezone.now() >= asked.deadline:
            message = "nobody answered"
            raise Abort(message, "unanswered")
        return Wait(asked.deadline, "approval")


@pytest.fixture
def outside(lab: Lab) -> Outside:
    outside = Outside()
    lab.plan("do a", *[outside.ask] * 9)
    return outside


def asked(lab: Lab, kind: str = "external", reference: str = "R-1") -> Saga:
    step = lab.local("a") if kind == "local" else lab.external("a")
    saga = lab.start(step, lab.local("b"), reference=reference)
    run(saga.pk)
    return saga


@pytest.mark.parametrize("kind", ["external", "local"])
def test_an_answer_lets_the_step_go_on_with_it(
    lab: Lab, clock: Clock, outside: Outside, kind: str
) -> None:
    saga = asked(lab, kind)
    assert Saga.objects.get().state == State.WAITING

    assert answer(outside.tokens[0], {"ok": True}) is True
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.output("a")) == (State.DONE, {"approved": True})


def test_the_token_itself_is_kept_nowhere(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    asked(lab)

    rows = [*Callback.objects.values(), *Saga.objects.values()]
    assert outside.tokens[0] not in str(rows)


def test_an_answer_that_comes_before_the_wait_is_not_missed(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    outside.meanwhile = lambda: answer(outside.tokens[0], {"ok": False})

    saga = asked(lab)

    saga.refresh_from_db()
    assert (saga.state, saga.output("a")) == (State.DONE, {"approved": False})


def test_the_same_answer_again_changes_nothing_another_one_is_refused(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    saga = asked(lab)
    answer(outside.tokens[0], {"ok": True})
    run(saga.pk)

    assert answer(outside.tokens[0], {"ok": True}) is False
    with pytest.raises(AnsweredOtherwise, match="answered otherwise"):
        answer(outside.tokens[0], {"ok": False})

    assert Saga.objects.get().output("a") == {"approved": True}


def test_unknown_and_foreign_tokens_are_refused(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    asked(lab)

    with pytest.raises(UnknownToken):
        answer("made-up", {})
    with pytest.raises(ForeignToken, match="R-2"):
        answer(outside.tokens[0], {}, reference="R-2")
    assert answer(outside.tokens[0], {"ok": True}, reference="R-1") is True


def test_at_the_deadline_the_step_decides_and_the_answer_is_too_late(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    saga = asked(lab)
    clock.shift(3600)

    with pytest.raises(TooLate):
        answer(outside.tokens[0], {"ok": True})
    sweep()
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.reason) == (State.COMPENSATED, "unanswered")


def test_an_answer_to_a_cancelled_saga_is_refused(
    lab: Lab, clock: Clock, outside: Outside
) -> None:
    saga = asked(lab)
    cancel(saga, "ken", "")

    with pytest.raises(TooLate):
        answer(outside.tokens[0], {"ok": True})


def test_a_step_that_must_ask_again_may_be_answered_by_either_token(
    lab: Lab, clock: Clock
) -> None:
    tokens: list[str] = []

    def ask(context: Context) -> Any:
        if context.answer:
            return context.answer
        tokens.append(context.ask(timezone.now() + HOUR))
        if len(tokens) == 1:
            message = "the line broke"
            raise Retry(message)
        return Wait(timezone.now() + HOUR, "approval")

    lab.plan("do a", ask, ask, ask)
    saga = asked(lab)
    clock.shift(10)
    run(saga.pk)

    assert answer(tokens[0], {"by": "the first"}) is True
    run(saga.pk)

    assert Saga.objects.get().output("a") == {"by": "the first"}


@pytest.mark.django_db(transaction=True)
def test_of_many_answers_at_once_one_counts(lab: Lab, outside: Outside) -> None:
    saga = asked(lab)

    results = run_together(
        range(8),
        lambda number: answer(outside.tokens[0], {"ok": True, "by": number}),
    )

    assert {type(error) for error in exceptions_in(results)} == {AnsweredOtherwise}
    assert len(exceptions_in(results)) == 7
    run(saga.pk)
    saga.refresh_from_db()
    assert saga.state == State.DONE


def test_calls_do_not_shorten_a_sleep(lab: Lab, clock: Clock) -> None:
    morning = timezone.now() + HOUR
    lab.plan("do a", Sleep(morning, "morning"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    for _time in range(3):
        lab.wake()
        clock.shift(600)
        sweep()
        run(saga.pk)
    assert lab.log == ["do a"]

    clock.shift(1800)
    assert sweep().relaunched == 1
    run(saga.pk)
    assert Saga.objects.get().state == State.DONE
    assert [row[2] for row in outcomes(saga)] == ["waiting", "ok"]


def test_a_call_just_before_a_sleep_does_not_shorten_it_either(
    lab: Lab, clock: Clock
) -> None:
    def called(_context: object) -> Sleep:
        lab.wake()
        return Sleep(timezone.now() + HOUR, "morning")

    lab.plan("do a", called)
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    assert lab.log == ["do a"]
