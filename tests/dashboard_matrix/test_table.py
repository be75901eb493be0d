"""The table of acts is complete: each cell is tried, or named as impossible."""

from itertools import product

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import PaymentError
from tests.conftest import Clock
from tests.dashboard_matrix.acts import ACTS, Act
from tests.dashboard_matrix.document import TITLE, render
from tests.dashboard_matrix.states import STATES, Phase, State
from tests.dashboard_matrix.table import OUTCOMES, WAYS, cells, why_impossible
from tests.dashboard_matrix.world import World

DOCUMENT = django_settings.BASE_DIR / "docs" / "dashboard-acts.md"


def test_every_cell_is_tried_or_named_as_impossible() -> None:
    tried = {cell.name for cell in cells()}
    impossible = {cell.name for cell in cells(possible=False)}
    every = {
        f"{state.name}-{act.name}-{capture}-{way}"
        for state, act, way in product(STATES, ACTS, WAYS)
        for capture in state.captures
    }
    assert not tried & impossible
    assert tried | impossible == every


def test_every_phase_and_act_has_an_outcome_or_a_reason_and_never_both() -> None:
    for phase, act in product(Phase, ACTS):
        outcome = OUTCOMES.get((phase, act.name), "")
        assert bool(outcome) != bool(why_impossible(phase, act)), (phase, act.name)
    assert {state.phase for state in STATES} == set(Phase)


_IMPOSSIBLE: dict[tuple[Phase, str], tuple[State, Act]] = {
    (state.phase, act.name): (state, act)
    for state, act in product(STATES, ACTS)
    if why_impossible(state.phase, act) and state.phase is not Phase.NOTHING
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "name"),
    [pytest.param(*key, id=f"{key[0].name.lower()}-{key[1]}") for key in _IMPOSSIBLE],
)
def test_the_provider_refuses_what_is_named_as_impossible(
    gateway: FakeGateway, clock: Clock, settings: Settings, phase: Phase, name: str
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    state, act = _IMPOSSIBLE[phase, name]
    settings.CAPTURE = state.captures[0]
    world = World(gateway, clock)
    state.reach(world)
    world.news = []

    with pytest.raises(PaymentError):
        act.do(world, "webhook")


def test_the_document_is_drawn_from_the_table() -> None:
    """Draw it anew with ``python -m tests.dashboard_matrix``."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.startswith(TITLE)
    assert text == render()
