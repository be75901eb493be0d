"""The names of all kill points of the checkout, of a shipment and a cancellation."""

from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from saga.step import Kind, Step

# An intent exists, and the shop has not stored its id yet.
INTENT_CREATED = "authorize_payment.created"


def forward() -> list[str]:
    """Return the kill points of an order that is paid, in the order of its steps."""
    points = [INTENT_CREATED]
    for step in CHECKOUT.steps:
        points += [f"{step.name}.begun"] if step.begin else []
        points += _around(step, step.name)
    return points


def backward() -> list[str]:
    """Return the kill points of the undo of an order whose card is declined."""
    points: list[str] = []
    for step in reversed(CHECKOUT.steps):
        if step.undo:
            points += _around(step, f"{step.name}.undo")
    return points


def messages() -> list[str]:
    """Return the kill points between a commit and the message that should follow it.

    The web process reaches the first: the order is placed, and no worker knows it.
    """
    links = CHECKOUT.remaining_links(CHECKOUT.steps[0].name)
    return [f"{link}.before_publish" for link in links]


def shipping() -> list[str]:
    """Return the kill points of a shipment that a warehouse sends."""
    return [point for step in SHIPPING.steps for point in _around(step, step.name)]


def cancelling() -> list[str]:
    """Return the kill points of the cancellation of a paid order."""
    return [point for step in CANCELLATION.steps for point in _around(step, step.name)]


def _around(step: Step, name: str) -> list[str]:
    """Return the kill points of a step. A local step has no outside call."""
    called = ["called"] if step.kind is Kind.EXTERNAL else []
    return [
        f"{name}.{position}"
        for position in (
            "before_claim",
            "claimed",
            *called,
            "before_commit",
            "committed",
        )
    ]
