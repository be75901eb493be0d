"""Every place at which a process of the checkout can be made to die."""

from checkout.flow.definition import CHECKOUT
from saga.step import Kind, Step

# Where an intent exists whose id nobody here has written down yet.
INTENT_CREATED = "authorize_payment.created"


def forward() -> list[str]:
    """Return the places of an order that is paid, in the order of its way."""
    points = [INTENT_CREATED]
    for step in CHECKOUT.steps:
        points += [f"{step.name}.begun"] if step.begin else []
        points += _around(step, step.name)
    return points


def backward() -> list[str]:
    """Return the places of an order whose card is declined: those of the undo."""
    points: list[str] = []
    for step in reversed(CHECKOUT.steps):
        if step.undo:
            points += _around(step, f"{step.name}.undo")
    return points


def messages() -> list[str]:
    """Return the places between a commit and the message that should follow it.

    The first is the web process's own: the order is placed, and no worker knows.
    """
    links = CHECKOUT.remaining_links(CHECKOUT.steps[0].name)
    return [f"{link}.before_publish" for link in links]


def _around(step: Step, name: str) -> list[str]:
    """Name the places in and around a step; a local one has no outside call."""
    called = ["called"] if step.kind is Kind.EXTERNAL else []
    return [
        f"{name}.{place}"
        for place in (
            "before_claim",
            "claimed",
            *called,
            "before_commit",
            "committed",
        )
    ]
