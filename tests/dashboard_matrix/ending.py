"""End an order by the buttons that its pages offer to staff."""

from orders.models import Shortage
from tests.dashboard_matrix.checks import is_ended
from tests.dashboard_matrix.pages import Staff
from tests.dashboard_matrix.world import World
from tests.support.shortages import decide

_TRIES = 8
# The first of these that is offered and was not tried before is pressed.
_WANTED = ("resume", "call_off", "ship", "release", "mark", "cancel", "refund", "skip")


def end(world: World, staff: Staff) -> list[str]:
    """Press buttons until the order has ended. Return their names.

    Each is tried once; after a refund, a stopped order may be resumed again.
    """
    pressed: list[str] = []
    for _try in range(_TRIES):
        if world.drive():
            staff.forget()
        if is_ended(world):
            return pressed
        offered = staff.offers(world.order)
        name = _next(world, offered, pressed)
        if name == "decide":
            decide(Shortage.objects.get(), Shortage.Choice.CANCEL)
            staff.forget()
        else:
            staff.press(world.order, name)
        pressed.append(name)
    if world.drive():
        staff.forget()
    order, saga = world.order, world.saga
    assert is_ended(world), (pressed, order.status, saga.state, saga.step, saga.error)
    return pressed


def _next(world: World, offered: set[str], pressed: list[str]) -> str:
    if Shortage.objects.filter(status=Shortage.Status.OPEN).exists():
        return "decide"
    left = [name for name in _WANTED if name in offered]
    again = pressed[-1:] == ["refund"]
    untried = [name for name in left if name not in pressed or again]
    assert untried, (
        f"no act is left: {sorted(offered)} offered, {pressed} pressed",
        world.order.status,
        world.saga.state,
        world.saga.error,
    )
    return untried[0]
