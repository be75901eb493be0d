"""Start flows: once for a reference, and again only after all was undone."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from flows.registry import Flow
from saga.definition import background_names
from saga.models import Saga, SagaQuerySet, State
from saga.operations import start_once
from saga.step import Context

# Between what a flow is about and the number of the try, from the second one on.
_AGAIN = "~"


def start_flow(
    flow: Flow, about: str, inputs: Mapping[str, Any] | None = None
) -> tuple[Saga, bool]:
    """Start the flow for what it is about, such as a day or a row's key.

    Returns the saga, and whether this call started it. It runs once; if it was undone,
    it may be started again. Of any number of callers at once one starts it.
    """
    name, reference = flow.definition.name, about
    last = last_run(name, about)
    if last is not None:
        if last.state != State.COMPENSATED:
            return last, False
        number = int(last.reference.partition(_AGAIN)[2] or 1)
        reference = f"{about}{_AGAIN}{number + 1}"
    return start_once(flow.definition, reference, inputs)


def last_run(name: str, about: str) -> Saga | None:
    """Return the flow's newest saga about it, or None."""
    rows = Saga.objects.main_paths().filter(definition=name, parent=None)
    again = rows.filter(reference__startswith=f"{about}{_AGAIN}").order_by("-pk")
    return again.first() or rows.filter(reference=about).first()


def needing_staff() -> SagaQuerySet:
    """Return the flows that wait for staff, with those of which an item does."""
    wanted = Saga.objects.filter(
        alert_wanted_at__isnull=False, definition__in=background_names()
    )
    mine = Q(pk__in=wanted.values("pk")) | Q(pk__in=wanted.values("parent"))
    return Saga.objects.filter(mine, parent=None)


def about(reference: str) -> str:
    """Return what a saga of this reference is about."""
    return reference.partition(_AGAIN)[0]


def about_of(context: Context) -> str:
    """Return what the saga of a step is about."""
    return about(context.reference)
