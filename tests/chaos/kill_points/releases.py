"""Other releases of the checkout, deployed while sagas run.

The file ``DATA_DIR/release`` names the release of a process that starts. Without the
file it is the shop's own.
"""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from checkout.flow.definition import CHECKOUT
from saga.definition import Definition
from saga.step import Context, Kind

NEW_STEP = "weigh_parcel"
BEFORE = "fulfil_order"
ADDED, REMOVED = "added", "removed"


def deploy(data_dir: Path, release: str) -> None:
    """Let processes that start from now on run this release; "" is the shop's own."""
    (data_dir / "release").write_text(release)


def deployed() -> Definition:
    """Return the checkout of the release that this process runs."""
    file = settings.DATA_DIR / "release"
    release = file.read_text() if file.exists() else ""
    return {ADDED: _with_step, REMOVED: _without_step}.get(release, lambda: CHECKOUT)()


def _with_step() -> Definition:
    """Version 2: one step more, between the charge and the hand-over."""
    steps = list(CHECKOUT.steps)
    place = steps.index(CHECKOUT.step(BEFORE))
    new = replace(
        steps[place], name=NEW_STEP, kind=Kind.LOCAL, do=_weigh, prove=None, record=None
    )
    steps.insert(place, new)
    return replace(CHECKOUT, version=CHECKOUT.version + 1, steps=tuple(steps))


def _without_step() -> Definition:
    """Version 3: without that step. A saga at it goes on with the next step."""
    steps = tuple(
        replace(step, aliases=(NEW_STEP,)) if step.name == BEFORE else step
        for step in CHECKOUT.steps
    )
    return replace(CHECKOUT, version=CHECKOUT.version + 2, steps=steps)


def _weigh(context: Context) -> dict[str, int]:
    return {"grams": 100}
