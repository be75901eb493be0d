"""Read what the page of a flow shows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from backoffice.admin.order.graph import arrange, draw
from backoffice.admin.order.timeline import list_tries_of_flow, request_ids
from backoffice.wording import step_title
from checkout.status.sagas import OrderSagas
from flows.registry import find_flow
from flows.services import about
from saga.definition import background_names, get_definition
from saga.errors import UnknownDefinition
from saga.models import Attempt, Saga, State
from saga.operations import open_decision
from shop import formatting

# Of the items, those that need a look; more do not fit a page.
MOST_NAMED = 50
_TO_LOOK_AT = (State.FAILED, State.COMPENSATED)


@dataclass(frozen=True)
class Items:
    """The items of a flow: how many are in which state, and those to look at.

    Those with why: undoing an item clears the error in its row.
    """

    counts: list[tuple[str, int]]
    named: list[tuple[Saga, str]]
    more: int


def select_flows() -> QuerySet[Saga]:
    """Return all sagas of flows, those of items included."""
    return Saga.objects.filter(definition__in=background_names())


def title_of(saga: Saga) -> str:
    """Return what staff call the flow."""
    try:
        definition = get_definition(saga.definition)
    except UnknownDefinition:
        return saga.definition
    return str(definition.title or definition.name)


def read_page(saga: Saga) -> dict[str, Any]:
    """Return the template's context for one flow, or for one item of a flow."""
    sagas = OrderSagas((saga,))
    history = sagas.history()
    flow = find_flow(saga.definition)
    page = flow.page(about(saga.reference)) if flow and flow.page else ""
    return {
        "saga": saga,
        "name": title_of(saga),
        "flow": flow,
        "subject": page,
        "path": arrange(draw(sagas, history), sagas),
        "tries": list_tries_of_flow(history),
        "request_ids": request_ids([saga]),
        "step": step_title(saga.step, saga.definition),
        "due": formatting.moment(saga.due_at),
        "decision": open_decision(saga),
        "items": _items(saga),
    }


def _items(saga: Saga) -> Items | None:
    rows = Saga.objects.filter(parent=saga, branch="")
    counted = rows.values_list("state").annotate(count=Count("pk")).order_by("state")
    if not counted:
        return None
    names = dict(State.choices)
    to_look_at = rows.filter(state__in=_TO_LOOK_AT).order_by("pk")
    count = to_look_at.count()
    return Items(
        [(str(names[state]), number) for state, number in counted],
        [(item, item.error or _refusal(item)) for item in to_look_at[:MOST_NAMED]],
        max(0, count - MOST_NAMED),
    )


def _refusal(item: Saga) -> str:
    refused = item.attempts.filter(outcome=Attempt.Outcome.REFUSED).last()
    return refused.error if refused else ""
