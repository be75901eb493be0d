"""Staff get one alert for every cause through every channel, however long it takes."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from saga.alerting import alert_staff
from saga.engine import run
from saga.error_signature import error_signature
from saga.errors import ManualIntervention
from saga.messages import Message
from saga.models import Alert, AlertDelivery, Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def stopped(lab: Lab, *numbers: int, error: str = "{} is broken") -> list[Saga]:
    sagas = []
    for number in numbers:
        lab.plan("do a", ManualIntervention(error.format(f"R-{number}")))
        saga = lab.start(lab.external("a"), reference=f"R-{number}")
        run(saga.pk)
        sagas.append(saga)
    return sagas


def delivered(lab: Lab) -> list[tuple[int, bool, list[str]]]:
    return [
        (message.count, message.summary, [saga.reference for saga in message.sagas])
        for message in lab.messages
    ]


class Channel:
    """A channel that can be out of order, and counts how often it was asked."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.asked = 0
        self.messages: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.asked += 1
        if self.faults:
            raise self.faults.pop(0)
        self.messages.append(message)


def test_the_first_is_reported_at_once_and_the_rest_in_one_summary(
    lab: Lab, clock: Clock, settings: Settings
) -> None:
    settings.ALERT_WINDOW = 300
    stopped(lab, 1)
    sweep()
    assert delivered(lab) == [(1, False, ["R-1"])]

    for number in range(2, 14):
        clock.shift(10)
        stopped(lab, number)
        sweep()
    assert len(lab.messages) == 1
    clock.shift(300 - 120)
    sweep()

    assert [(count, summary) for count, summary, _ in delivered(lab)] == [
        (1, False),
        (12, True),
    ]
    assert delivered(lab)[1][2] == [f"R-{number}" for number in range(2, 12)]
    assert not Saga.objects.filter(alerted_at=None).exists()


def test_a_window_without_more_of_the_same_ends_in_silence(
    lab: Lab, clock: Clock
) -> None:
    stopped(lab, 1)
    sweep()
    clock.shift(301)
    sweep()

    assert len(lab.messages) == 1
    assert not Alert.objects.filter(closed_at=None).exists()


def test_after_the_window_the_same_cause_is_news_again(lab: Lab, clock: Clock) -> None:
    stopped(lab, 1)
    sweep()
    clock.shift(301)
    stopped(lab, 2)
    sweep()

    assert delivered(lab) == [(1, False, ["R-1"]), (1, False, ["R-2"])]


def test_another_cause_is_reported_at_once(lab: Lab, clock: Clock) -> None:
    stopped(lab, 1)
    stopped(lab, 2, error="{} was eaten")

    assert sweep().alerted == 2


def test_a_saga_that_was_resumed_before_the_summary_is_not_in_it(
    lab: Lab, clock: Clock
) -> None:
    _first, second, _third = stopped(lab, 1, 2, 3)
    sweep()
    second.refresh_from_db()
    resume(second, "ken", "mended")
    run(second.pk)
    clock.shift(301)

    sweep()

    assert delivered(lab) == [(1, False, ["R-1"]), (1, True, ["R-3"])]


def test_a_saga_that_stops_again_for_the_same_cause_is_reported_at_once(
    lab: Lab, clock: Clock
) -> None:
    (saga,) = stopped(lab, 1)
    sweep()
    clock.shift(1)
    saga.refresh_from_db()
    resume(saga, "ken", "mended, I hope")
    lab.plan("do a", ManualIntervention("R-1 is broken"))
    run(saga.pk)
    sweep()

    assert delivered(lab) == [(1, False, ["R-1"])] * 2


def test_a_channel_that_is_down_is_asked_at_growing_pauses(
    lab: Lab, clock: Clock
) -> None:
    chat = Channel(*(OSError("chat is down") for _ in range(9)))
    lab.channels["chat"] = chat
    stopped(lab, 1)

    asked = []
    for _round in range(260):
        before = chat.asked
        sweep()
        if chat.asked > before:
            asked.append(timezone.now())
        clock.shift(5)

    pauses = [(b - a).total_seconds() for a, b in pairwise(asked)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert len(chat.messages) == 1


def test_what_one_channel_took_is_not_sent_there_again_for_anothers_sake(
    lab: Lab, clock: Clock
) -> None:
    chat = Channel(OSError("down"), OSError("still"))
    lab.channels["chat"] = chat
    (saga,) = stopped(lab, 1)

    sweep()
    saga.refresh_from_db()
    assert (len(lab.messages), saga.alerted_at) == (1, None)
    for pause in (5, 10):
        clock.shift(pause)
        sweep()

    assert (len(lab.messages), len(chat.messages)) == (1, 1)
    saga.refresh_from_db()
    assert saga.alerted_at == timezone.now()
    assert set(AlertDelivery.objects.values_list("error", flat=True)) == {""}


def test_a_dead_channel_costs_one_try_a_sweep_however_much_is_waiting(
    lab: Lab, clock: Clock
) -> None:
    chat = Channel(*(OSError("down") for _ in range(2)))
    lab.channels["chat"] = chat
    for number, what in enumerate(["eaten", "lost", "burnt"]):
        stopped(lab, number, error=f"{{}} was {what}")

    sweep()
    sweep()
    assert chat.asked == 1
    assert len(lab.messages) == 3
    clock.shift(5)
    sweep()
    assert chat.asked == 2
    clock.shift(10)
    sweep()

    assert len(chat.messages) == 3


def test_what_was_resumed_before_its_alert_is_not_alerted(
    lab: Lab, clock: Clock
) -> None:
    chat = Channel(OSError("down"))
    lab.channels = {"chat": chat}
    (saga,) = stopped(lab, 1)
    sweep()
    saga.refresh_from_db()
    resume(saga, "ken", "mended")
    run(saga.pk)
    clock.shift(60)

    assert sweep().alerted == 0

    assert chat.messages == []
    assert not AlertDelivery.objects.filter(delivered_at=None).exists()


def test_a_saga_without_a_definition_is_reported_by_other_channels(
    lab: Lab, clock: Clock
) -> None:
    stopped(lab, 1)
    Saga.objects.update(definition="of the future")

    assert alert_staff(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_tell_each_cause_once(lab: Lab) -> None:
    channel = Channel()
    lab.channels = {"staff": channel}
    for number, what in enumerate(["eaten", "lost", "burnt", "eaten", "lost"]):
        stopped(lab, number, error=f"{{}} was {what}")
    now = timezone.now()

    answers = run_together(range(3), lambda _n: alert_staff(now))

    assert exceptions_in(answers) == []
    assert channel.asked == 3
    assert set(Saga.objects.values_list("state", flat=True)) == {State.FAILED}
    run_together(range(3), lambda _n: alert_staff(now + timedelta(seconds=301)))
    counts = sorted(message.count for message in channel.messages)
    assert counts == [1, 1, 1, 1, 1]
    assert not Saga.objects.filter(alerted_at=None).exists()


def test_failures_are_the_same_when_only_names_differ() -> None:
    one = error_signature(
        "ManualIntervention", "paid, but MUG-01 of 261121-7K3QX9 is gone"
    )
    two = error_signature(
        "ManualIntervention", "paid, but CAP-02 of 261121-AAAAA1 is gone"
    )
    other = error_signature("Refused", "paid, but CAP-02 of 261121-AAAAA1 is gone")

    assert one == two == "ManualIntervention: paid, but # of # is gone"
    assert other != one
