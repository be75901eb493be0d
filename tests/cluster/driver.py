"""Break the cluster and count. ``python -m tests.cluster.driver FOLDER OPTIONS``.

tests.cluster.run starts it in the customers' network, where all hosts can be reached.
It prints a line of JSON for each result: what it is, and its figures.
"""

import argparse
import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from tests.cluster.plan import PLAN, Fault, Role, chosen, of_role
from tests.support.variables import settings_variables

if TYPE_CHECKING:
    from tests.cluster.blows import Scene
    from tests.cluster.files import Files


NO_FAULT = "none"


@dataclass(frozen=True)
class Options:
    """What to do: these faults (words of their names), and a soak of some minutes."""

    faults: list[str]
    minutes: float
    customers: int

    @property
    def plan(self) -> list[Fault]:
        return [] if self.faults == [NO_FAULT] else chosen(self.faults)


def options_of(words: list[str]) -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    only = f"only faults with this in their name, or {NO_FAULT}"
    parser.add_argument("--fault", action="append", default=[], help=only)
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="of the soak; 0: none"
    )
    parser.add_argument("--customers", type=int, default=500, help="of the soak")
    given = parser.parse_args(words)
    if given.minutes < 0 or given.customers < 1:
        parser.error("--minutes must be 0 or more, --customers 1 or more")
    if given.fault != [NO_FAULT] and not chosen(given.fault):
        names = ", ".join(fault.name for fault in PLAN)
        parser.error(f"no fault is named like that; there are: {names}")
    return Options(given.fault, given.minutes, given.customers)


def tell(what: str, **figures: Any) -> None:
    sys.stdout.write(json.dumps({"what": what, **figures}) + "\n")
    sys.stdout.flush()


def configure(files: "Files") -> None:
    """Read the tables of the cluster with the settings of one of its hosts."""
    for name in settings_variables():
        os.environ.pop(name, None)
    os.environ.update(files.environment(of_role(Role.WORKER)))


# Modules that need the models are imported inside functions: the environment has to
# be set first.


def main(folder: Path, options: Options) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with (folder / "driver.log").open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    from tests.cluster.files import Files  # noqa: PLC0415
    from tests.cluster.machines import started  # noqa: PLC0415

    configure(Files(folder))
    began = time.monotonic()
    with started(folder) as machines:
        tell("started", seconds=time.monotonic() - began)
        django.setup()
        from tests.cluster.blows import Scene  # noqa: PLC0415
        from tests.cluster.shop import ClusterShop  # noqa: PLC0415

        scene = Scene(ClusterShop(machines.files), machines)
        # First, on hosts that nothing has happened to.
        if options.minutes:
            tell("begins", name=f"{options.customers} customers at once")
            tell("soak", **soaked(scene, options))
        for fault in options.plan:
            tell("begins", name=fault.name)
            tell("fault", **figures_of(scene, fault))
        tell("begins", name="the invariants, over all orders")
        tell("invariants", findings=broken_invariants(scene))
    return 0


def figures_of(scene: "Scene", fault: Fault) -> dict[str, Any]:
    from tests.cluster.phases import Figures, carry_out  # noqa: PLC0415

    try:
        return carry_out(scene, fault).as_json()
    except Exception as error:  # noqa: BLE001 (a finding; the other faults go on)
        traceback.print_exc()
        return Figures(fault.name, findings=[f"broken off: {error!r}"]).as_json()


def soaked(scene: "Scene", options: Options) -> dict[str, Any]:
    from tests.cluster.soak import Soak, soak  # noqa: PLC0415

    try:
        return soak(scene, options.minutes, options.customers).as_json()
    except Exception as error:  # noqa: BLE001 (a finding; the faults go on)
        traceback.print_exc()
        broken = [f"broken off: {error!r}"]
        return Soak(options.customers, options.minutes, findings=broken).as_json()


def broken_invariants(scene: "Scene") -> list[str]:
    from tests.support.live_invariants import assert_invariants  # noqa: PLC0415

    try:
        assert_invariants(scene.shop)
    except AssertionError as error:
        return [str(error)]
    return []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), options_of(sys.argv[2:])))
