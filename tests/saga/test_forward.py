import pytest
from django.db import IntegrityError, transaction

from saga import operations
from saga.engine import Result, run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_all_steps_run_in_order_and_the_saga_is_done(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.external("b"), lab.local("c"))

    assert run(saga.pk) is Result.PASSED

    saga.refresh_from_db()
    assert lab.log == ["do a", "do b", "do c"]
    assert (saga.state, saga.attempt, saga.claimed_by) == (State.DONE, 0, "")
    assert saga.finished_at is not None
    assert outcomes(saga) == [("a", "do", "ok"), ("b", "do", "ok"), ("c", "do", "ok")]


def test_every_claim_raises_the_fence_and_is_in_the_history(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.external("b"))

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.fence == 2
    assert list(saga.attempts.values_list("fence", "number")) == [(1, 1), (2, 1)]
    assert None not in saga.attempts.values_list("ended_at", flat=True)


def test_what_a_step_leaves_is_there_for_later_ones(lab: Lab) -> None:
    seen = []
    lab.plan("do a", {"units": 3})
    lab.plan("do b", lambda context: seen.append(context.output("a")))
    saga = lab.start(lab.local("a"), lab.external("b"))

    run(saga.pk)

    saga.refresh_from_db()
    assert seen == [{"units": 3}]
    assert saga.data == {"a": {"units": 3}}
    assert saga.attempts.get(step="a").output == {"units": 3}


def test_an_external_steps_answer_is_recorded_in_the_finishing_transaction(
    lab: Lab,
) -> None:
    lab.plan("do a", "the answer")
    step = lab.external("a", record=lambda _context, answer: {"kept": answer})
    saga = lab.start(step)

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.data == {"a": {"kept": "the answer"}}


def test_what_must_be_true_first_is_prepared_with_the_claim(lab: Lab) -> None:
    def prepare(_context: object) -> None:
        lab.log.append("prepare a")

    saga = lab.start(lab.external("a", prepare=prepare))

    run(saga.pk)

    assert lab.log == ["prepare a", "do a"]


def test_the_pivot_is_marked_before_its_call_and_stays(lab: Lab) -> None:
    seen = []
    lab.plan("do pay", lambda context: seen.append(context.saga.pivot_at))
    saga = lab.start(lab.external("pay", pivot=True), lab.local("b"))

    run(saga.pk)

    saga.refresh_from_db()
    assert seen[0] is not None
    assert saga.pivot_at == seen[0]


def test_a_link_runs_its_own_steps_and_local_ones_behind_an_external_one(
    lab: Lab,
) -> None:
    saga = lab.start(
        lab.local("a", link="one"),
        lab.external("b", link="two"),
        lab.external("c", link="two"),
        lab.local("d", link="three"),
        lab.external("e", link="four"),
    )

    assert run(saga.pk, link="one") is Result.PASSED
    assert lab.log == ["do a"]
    assert run(saga.pk, link="two") is Result.PASSED
    assert lab.log == ["do a", "do b", "do c", "do d"]
    assert run(saga.pk, link="three") is Result.PASSED
    assert lab.log == ["do a", "do b", "do c", "do d"]
    assert run(saga.pk, link="four") is Result.PASSED
    assert Saga.objects.get().state == State.DONE


def test_a_step_that_rides_with_another_link_has_its_own_to_be_resumed_by(
    lab: Lab,
) -> None:
    lab.plan("do d", ManualIntervention("look"))
    saga = lab.start(
        lab.external("c", link="two"),
        lab.local("d", link="three"),
        lab.external("e", link="four"),
    )
    assert lab.definition is not None
    assert lab.definition.remaining_links("c") == ["two", "four"]
    assert lab.definition.remaining_links("d") == ["three", "four"]
    run(saga.pk, link="two")

    operations.resume(saga, "ken", "mended")

    assert run(saga.pk, link="three") is Result.PASSED
    assert lab.log == ["do c", "do d", "do d"]


def test_a_link_that_is_behind_passes_without_doing_anything(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.local("b"))
    run(saga.pk, link="a")

    assert run(saga.pk, link="a") is Result.PASSED

    assert lab.log == ["do a"]


def test_a_link_that_comes_too_early_stops(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.local("b"))

    assert run(saga.pk, link="b") is Result.STOPPED

    assert lab.log == []


def test_a_message_that_comes_again_after_the_end_does_nothing(lab: Lab) -> None:
    saga = lab.start(lab.local("a"), lab.external("b"))
    run(saga.pk)

    assert run(saga.pk) is Result.PASSED
    assert run(saga.pk, link="b") is Result.PASSED

    assert lab.log == ["do a", "do b"]
    assert saga.attempts.count() == 2


@pytest.mark.parametrize("field", ["step", "definition"])
def test_a_name_that_this_code_does_not_know_is_left_unclaimed(
    lab: Lab, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    saga = lab.start(lab.local("a"))
    Saga.objects.update(**{field: "of the future"})

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.state, saga.fence, saga.attempt) == (State.RUNNING, 0, 0)
    assert lab.log == []
    assert "is held back" in caplog.text


def test_one_reference_has_one_saga(lab: Lab) -> None:
    lab.start(lab.local("a"))

    with pytest.raises(IntegrityError), transaction.atomic():
        lab.start(lab.local("a"))

    assert Saga.objects.count() == 1
