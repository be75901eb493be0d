"""Resume stalled orders from a page: the question, the action, the result."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from backoffice.admin.forms import read_keys
from backoffice.order_overview import OrderOverview, last_resume
from backoffice.previews.order import preview_resume_all
from backoffice.previews.preview import Preview
from checkout.status.money import money
from saga.errors import ActionRefused
from saga.models import Saga, State
from saga.operations import resume
from shop.formatting import moment

# A saga's key and its fence, as the form sends them.
_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,18})")


@dataclass(frozen=True)
class Stop:
    """One of an order's sagas that stopped, with its failure in words."""

    saga: Saga
    failure: str


@dataclass(frozen=True)
class Question:
    """One order on the page that asks. ``money`` is (key, text).

    An order may have stopped twice, on its main path and at its mail. Both are resumed
    together, as ``preview`` says.
    """

    overview: OrderOverview
    stops: list[Stop]
    money: tuple[str, str]
    preview: Preview


@dataclass(frozen=True)
class Result:
    """What was done with one order; ``sentence`` names what was not resumed."""

    resumed: bool
    sentence: str


def ask_about(overviews: list[OrderOverview]) -> dict[str, Any]:
    """Return the template context: orders to resume, and why others are not."""
    return {
        "questions": [
            Question(
                overview,
                [
                    Stop(saga, overview.at(saga).failure)
                    for saga in overview.sagas.failed
                ],
                money(overview.payment, overview.saga),
                preview_resume_all(overview),
            )
            for overview in overviews
            if overview.is_stopped
        ],
        "left_out": [
            explain_refusal(overview)
            for overview in overviews
            if not overview.is_stopped
        ],
    }


def read_seen(posted: QueryDict) -> dict[int, dict[int, int]]:
    """Return order's key -> saga's key -> the fence that the page showed."""
    seen = {}
    for key in read_keys(posted.getlist("order")):
        shown = (_SEEN.fullmatch(value) for value in posted.getlist(f"seen_{key}"))
        found = {int(one[1]): int(one[2]) for one in shown if one}
        if found:
            seen[key] = found
    return seen


def resume_order(
    overview: OrderOverview, *, actor: str, reason: str, seen: dict[int, int]
) -> Result:
    """Resume the stopped sagas of one order.

    ``seen`` is saga's key -> the fence that the page showed. A saga that has changed
    since is not resumed.
    """
    refused = []
    chosen = [saga for saga in overview.sagas.all if saga.pk in seen]
    for saga in chosen:
        try:
            resume(saga, actor, reason, seen=seen[saga.pk])
        except ActionRefused:
            refused.append(explain_refusal(overview.at(saga)))
    return Result(len(refused) < len(chosen), " ".join(dict.fromkeys(refused)))


def explain_refusal(overview: OrderOverview) -> str:
    """Say why an order is not resumed: who resumed it before, or its state now."""
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
        text = gettext(
            "%(number)s was already resumed by %(who)s at %(time)s. It is now: "
            "%(state)s."
        )
        return text % values
    return gettext("%(number)s does not stand still. It is: %(state)s.") % values
