from datetime import timedelta

import pytest
from django.utils import timezone

from saga import enqueue, sweeper
from saga.engine import run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from saga.operations import resume
from saga.results import Wait
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.broker import DeadBroker
from tests.saga.lab import Lab
from tests.support.threads import exceptions_in, run_together


@pytest.mark.django_db
def test_a_message_that_should_come_is_given_a_little_time(
    lab: Lab, clock: Clock
) -> None:
    lab.start(lab.local("a"))

    clock.shift(4)
    assert sweep().relaunched == 0
    clock.shift(1)
    assert sweep().relaunched == 1


@pytest.mark.django_db
def test_a_saga_is_sent_again_once_and_then_run_by_the_sweeper(
    lab: Lab, clock: Clock
) -> None:
    lab.start(lab.local("a"), lab.external("b"))
    clock.shift(5)

    first = sweep()
    assert (first.relaunched, first.inline, sweep().relaunched) == (1, 0, 0)
    clock.shift(9)
    assert sweep().relaunched == 0
    clock.shift(1)
    second = sweep()

    assert (second.relaunched, second.inline) == (0, 1)
    assert lab.log == ["do a", "do b"]
    assert Saga.objects.get().state == State.DONE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("relaunches", "pause"), [(0, 10), (1, 20), (4, 160), (5, 300), (12, 300)]
)
def test_the_pause_before_a_saga_is_looked_at_again_doubles_up_to_five_minutes(
    lab: Lab, clock: Clock, relaunches: int, pause: int
) -> None:
    lab.plan("do a", Wait(timezone.now() + timedelta(days=1), "card"))
    saga = lab.start(lab.local("a"))
    run(saga.pk)
    Saga.objects.update(sweep_at=timezone.now(), relaunches=relaunches)

    sweep()

    saga.refresh_from_db()
    assert saga.sweep_at == timezone.now() + timedelta(seconds=pause)
    assert (saga.relaunches, saga.state) == (relaunches + 1, State.WAITING)


@pytest.mark.django_db
def test_a_sweep_reads_what_has_waited_longest_first(
    lab: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 2)
    for number in (1, 2, 3):
        lab.start(lab.local("a"), reference=f"R-{number}")
    for number, seconds in ((1, 5), (2, 30), (3, 20)):
        late = timezone.now() - timedelta(seconds=seconds)
        Saga.objects.filter(reference=f"R-{number}").update(sweep_at=late)

    assert sweep().relaunched == 2

    left = Saga.objects.filter(sweep_at__lte=timezone.now())
    assert [saga.reference for saga in left] == ["R-1"]


@pytest.mark.django_db
def test_a_broker_that_refuses_makes_the_sweeper_run_the_saga_itself(
    lab: Lab, clock: Clock, dead_broker: DeadBroker
) -> None:
    lab.start(lab.local("a"), lab.external("b"))
    clock.shift(5)

    done = sweep()

    assert (done.relaunched, done.inline) == (0, 1)
    assert Saga.objects.get().state == State.DONE


@pytest.mark.django_db
def test_a_retry_that_is_due_is_sent_by_the_sweeper(lab: Lab, clock: Clock) -> None:
    lab.plan("do a", ValueError("broken"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    clock.shift(9)
    assert sweep().relaunched == 0
    clock.shift(1)
    assert sweep().relaunched == 1


@pytest.mark.django_db
def test_a_step_that_is_being_worked_at_is_left_alone(lab: Lab, clock: Clock) -> None:
    def look(_context: object) -> None:
        clock.shift(59)
        seen.append(sweep())

    seen: list[sweeper.Sweep] = []
    lab.plan("do a", look)
    saga = lab.start(lab.external("a"))

    run(saga.pk)

    assert seen == [sweeper.Sweep()]
    assert Saga.objects.get().state == State.DONE


@pytest.mark.django_db
def test_what_has_ended_or_stopped_is_left_alone(lab: Lab, clock: Clock) -> None:
    run(lab.start(lab.local("a")).pk)
    lab.plan("do a", ManualIntervention("look"))
    run(lab.start(lab.local("a"), reference="R-2").pk)
    sweep()

    clock.shift(86_400)

    assert sweep() == sweeper.Sweep()


@pytest.mark.django_db
def test_a_saga_of_a_future_version_does_not_stop_the_others(
    lab: Lab, clock: Clock, dead_broker: DeadBroker
) -> None:
    lab.start(lab.local("a"))
    Saga.objects.update(step="of the future")
    lab.start(lab.local("a"), reference="R-2")
    clock.shift(5)

    sweep()

    states = Saga.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [State.RUNNING, State.DONE]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_send_every_saga_once(lab: Lab) -> None:
    for number in range(50):
        lab.start(lab.local("a"), reference=f"R-{number}")
    now = timezone.now() + timedelta(seconds=6)

    answers = run_together(range(2), lambda _n: sweep(now))

    assert exceptions_in(answers) == []
    sent = [done.relaunched for done in answers if isinstance(done, sweeper.Sweep)]
    assert sum(sent) == 50
    assert set(Saga.objects.values_list("relaunches", flat=True)) == {1}


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_without_a_broker_run_every_step_once(
    lab: Lab, dead_broker: DeadBroker
) -> None:
    for number in range(5):
        lab.start(lab.local("a"), lab.external("b"), reference=f"R-{number}")
    now = timezone.now() + timedelta(seconds=6)

    assert exceptions_in(run_together(range(2), lambda _n: sweep(now))) == []

    assert sorted(lab.log) == ["do a"] * 5 + ["do b"] * 5
    assert set(Saga.objects.values_list("state", flat=True)) == {State.DONE}


def stopped(lab: Lab) -> Saga:
    lab.plan("do a", ManualIntervention("look"))
    saga = lab.start(lab.external("a"))
    run(saga.pk)
    saga.refresh_from_db()
    return saga


@pytest.mark.django_db
def test_staff_are_alerted_once(lab: Lab, clock: Clock) -> None:
    stopped(lab)

    assert [sweep().alerted, sweep().alerted] == [1, 0]

    assert lab.alerts == ["R-1 at a: look"]


class Meanwhile(OSError):
    """An alert that fails, but only after something else has happened."""


@pytest.mark.django_db
@pytest.mark.parametrize("delivered", [True, False])
def test_a_saga_that_went_on_while_staff_were_alerted_is_not_reported_again(
    lab: Lab, clock: Clock, delivered: bool
) -> None:
    saga = stopped(lab)

    def resumed(told: Saga) -> None:
        resume(Saga.objects.get(), "ken", "quick")
        run(saga.pk)
        lab.alerts.append(told.error)
        if not delivered:
            message = "chat answered 500"
            raise Meanwhile(message)

    lab.alert_with(resumed)
    sweep()
    clock.shift(60)
    sweep()

    assert lab.alerts == ["look"]
    saga.refresh_from_db()
    assert (saga.state, saga.alert_wanted_at) == (State.DONE, None)


@pytest.mark.django_db
def test_a_second_stop_while_the_first_is_reported_is_reported_too(
    lab: Lab, clock: Clock
) -> None:
    saga = stopped(lab)
    lab.plan("do a", ManualIntervention("look again"))

    def stop_again(told: Saga) -> None:
        clock.shift(1)
        if not lab.alerts:
            resume(Saga.objects.get(), "ken", "quick")
            run(saga.pk)
            clock.shift(1)
        lab.alerts.append(told.error)

    lab.alert_with(stop_again)
    for _round in range(3):
        sweep()
        clock.shift(1)

    assert lab.alerts == ["look", "look again"]


@pytest.mark.django_db
def test_work_done_here_ends_when_it_has_taken_long_enough(
    lab: Lab,
    clock: Clock,
    dead_broker: DeadBroker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeper, "INLINE_AT_MOST", 0.0)
    for number in range(3):
        lab.start(lab.local("a"), reference=f"R-{number}")
    clock.shift(5)

    assert sweep().inline == 1
    assert sweep().inline == 1

    assert enqueue.publish(Saga.objects.filter(state=State.RUNNING)[0]) is False
