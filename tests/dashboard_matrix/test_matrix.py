"""Every act at the provider, in every state of an order, ends truthfully.

See docs/dashboard-acts.md, which is drawn from the same table.
"""

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import FakeGateway
from tests.conftest import Clock
from tests.dashboard_matrix.checks import (
    check_alerts,
    check_books,
    check_end,
    check_limits,
    check_pages,
)
from tests.dashboard_matrix.ending import end
from tests.dashboard_matrix.pages import Staff
from tests.dashboard_matrix.table import Cell, cells
from tests.dashboard_matrix.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(gateway: FakeGateway, clock: Clock, settings: Settings) -> World:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    return World(gateway, clock)


def _params() -> Iterator[ParameterSet]:
    """Return all cells. The first of each state runs on both databases."""
    known: set[str] = set()
    for cell in cells():
        is_first = cell.state.name not in known
        known.add(cell.state.name)
        marks = [pytest.mark.both_databases] if is_first else []
        yield pytest.param(cell, id=cell.name, marks=marks)


@pytest.mark.parametrize("cell", list(_params()))
def test_a_cell(world: World, settings: Settings, cell: Cell) -> None:
    settings.CAPTURE = cell.capture
    cell.state.reach(world)
    cell.act.do(world, cell.way)
    world.learn(cell.way)

    check_books(world)
    staff = Staff.sign_in()
    check_pages(world, staff)
    check_limits(world)
    check_alerts(world)
    end(world, staff)
    check_end(world)
    check_books(world)
    check_pages(world, staff, every=False)
