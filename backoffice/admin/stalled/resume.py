"""Resuming from the staff's pages: the question beforehand, the deed, what it did."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from backoffice.order_overview import OrderOverview, last_resume
from backoffice.previews.order import preview_resume_all
from backoffice.previews.preview import Preview
from backoffice.wording import failure
from checkout.status.money import money
from saga.errors import ActionRefused
from saga.models import Saga, State
from saga.operations import resume
from shop.formatting import moment

# A saga's key and its fence, as the page sends them back.
_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,18})")


@dataclass(frozen=True)
class Stop:
    """One of an order's sagas that stopped, with its failure in words."""

    saga: Saga
    failure: str


@dataclass(frozen=True)
class Question:
    """One order on the page that asks. ``money`` is (key, words).

    An order may have stopped twice, on its way and at its mail: one press resumes
    both, as ``preview`` says.
    """

    overview: OrderOverview
    stops: list[Stop]
    money: tuple[str, str]
    preview: Preview


@dataclass(frozen=True)
class Result:
    """What became of one order. The sentence says what of it was not resumed."""

    resumed: bool
    sentence: str


def question(overviews: list[OrderOverview]) -> dict[str, Any]:
    """Return what the page that asks shows: orders that can go on, and those not."""
    return {
        "questions": [
            Question(
                overview,
                [Stop(saga, failure(saga)) for saga in overview.sagas.failed],
                money(overview.payment, overview.saga),
                preview_resume_all(overview),
            )
            for overview in overviews
            if overview.is_stopped
        ],
        "left_out": [
            refusal(overview) for overview in overviews if not overview.is_stopped
        ],
    }


def read_seen(posted: QueryDict) -> dict[int, dict[int, int]]:
    """Return order's key -> saga's key -> the fence that the page showed."""
    seen = {}
    for key in filter(str.isdecimal, posted.getlist("order")):
        shown = (_SEEN.fullmatch(value) for value in posted.getlist(f"seen_{key}"))
        found = {int(one[1]): int(one[2]) for one in shown if one}
        if found:
            seen[int(key)] = found
    return seen


def resume_overview(
    overview: OrderOverview, *, actor: str, reason: str, seen: dict[int, int]
) -> Result:
    """Resume what stopped of one order: saga's key -> the fence that was ``seen``.

    Each unless somebody was faster, or the page is out of date.
    """
    refused = []
    chosen = [saga for saga in overview.sagas.members if saga.pk in seen]
    for saga in chosen:
        try:
            resume(saga, actor, reason, seen=seen[saga.pk])
        except ActionRefused:
            refused.append(refusal(overview.at(saga)))
    return Result(len(refused) < len(chosen), " ".join(dict.fromkeys(refused)))


def refusal(overview: OrderOverview) -> str:
    """Say why an order is not resumed now: who was faster, or what else it is."""
    number, saga = overview.order.number, overview.saga
    by = last_resume(saga)
    values = {
        "number": number,
        "who": by.actor if by else "",
        "time": moment(by.started_at) if by else "",
        "state": saga.get_state_display(),
    }
    if saga.state == State.FAILED:
        return (
            gettext(
                "%(number)s was not resumed: it has changed since you opened the page. "
                "It was resumed by %(who)s at %(time)s and stopped again. Look at it "
                "once more."
            )
            if by
            else gettext(
                "%(number)s was not resumed: it has changed since you opened the page. "
                "Look at it once more."
            )
        ) % values
    if by:
        words = gettext(
            "%(number)s was already resumed by %(who)s at %(time)s. It is now: "
            "%(state)s."
        )
        return words % values
    return gettext("%(number)s does not stand still. It is: %(state)s.") % values
