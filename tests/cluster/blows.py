"""How each fault of the plan is done, and undone."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from django.db import connections

from saga.models import Saga
from tests.chaos.kill_points.releases import ADDED, REMOVED, deploy
from tests.cluster import network
from tests.cluster.machines import Machines, database_answers
from tests.cluster.plan import BY_NAME, DEPLOY_ORDER, HOSTS, Fault, Host, Kind, Role
from tests.cluster.shop import ClusterShop
from tests.support.sandbox_control import clear_faults, plan_fault
from tests.support.waiting import wait_until

# The provider charges and then keeps its answer back for so long (seconds), so that a
# host can be cut off in between.
HELD_BACK = 8.0
HELD_CALLS = 6


@dataclass
class Scene:
    """The cluster that is broken, and what was noticed while it was."""

    shop: ClusterShop
    machines: Machines
    notes: list[str] = field(default_factory=list)


# It returns when all is mended.
Blow = Callable[[Scene, Fault], None]


def hosts_of(fault: Fault) -> list[Host]:
    return [BY_NAME[name] for name in fault.hosts]


def nothing(_scene: Scene, fault: Fault) -> None:
    time.sleep(fault.seconds)


def cut(_scene: Scene, fault: Fault) -> None:
    with _cut_off(hosts_of(fault)):
        time.sleep(fault.seconds)


@contextmanager
def _cut_off(hosts: list[Host]) -> Iterator[None]:
    try:
        for host in hosts:
            network.cut(host)
        yield
    finally:
        for host in hosts:
            network.mend(host)


def cut_in_charge(scene: Scene, fault: Fault) -> None:
    """Cut off the worker host that waits for the provider's answer to a charge."""
    plan_fault(
        scene.shop,
        operation="confirm",
        kind="withhold",
        seconds=HELD_BACK,
        times=HELD_CALLS,
    )
    host = wait_until(charging_host, "a worker charges", seconds=30)
    with _cut_off([host]):
        caught = len(claims_of(host))
        scene.notes.append(f"{host.name} was cut off with {caught} charges under way")
        connections.close_all()
        time.sleep(fault.seconds)
    clear_faults(scene.shop)


def charging_host() -> Host | None:
    """Return a worker host with a claim on the step that charges."""
    for host in HOSTS:
        if host.role is Role.WORKER and claims_of(host):
            return host
    return None


def claims_of(host: Host) -> list[int]:
    rows = Saga.objects.live().filter(
        step="authorize_payment", claimed_by__startswith=f"{host.name}:"
    )
    return list(rows.values_list("pk", flat=True))


def power(scene: Scene, fault: Fault) -> None:
    for host in hosts_of(fault):
        scene.machines.power_off(host)
    time.sleep(fault.seconds)
    for host in hosts_of(fault):
        scene.machines.power_on(host)
    if any(host.role is Role.DATABASE for host in hosts_of(fault)):
        wait_until(database_answers, "PostgreSQL is back", seconds=120, pause=0.2)
    scene.machines.wait_for(*hosts_of(fault))


def slow(scene: Scene, fault: Fault) -> None:
    with network.slow(hosts_of(fault), fault.delay, fault.loss) as how:
        scene.notes.append(f"packets were delayed by {how}")
        time.sleep(fault.seconds)


def wrong_clocks(scene: Scene, fault: Fault) -> None:
    with ExitStack() as wrong:
        for host, offset in zip(hosts_of(fault), fault.offsets, strict=True):
            wrong.callback(scene.machines.set_clock, host, 0)
            scene.machines.set_clock(host, offset)
        time.sleep(fault.seconds)


def rolling_deploy(scene: Scene, fault: Fault) -> None:
    """Deploy a release with one step more, then one without it, host by host."""
    for release in (ADDED, REMOVED):
        roll_out(scene, release)
        time.sleep(fault.seconds)


def roll_out(scene: Scene, release: str) -> None:
    """Do what docs/how-to/upgrade.md says, and ask first whether this code may."""
    hosts = [host for role in DEPLOY_ORDER for host in HOSTS if host.role is role]
    for place, host in enumerate(hosts):
        deploy(scene.machines.files.data(host), release)
        if place == 0 and release:
            scene.machines.files.manage("check_inflight", host=host)
        scene.machines.restart(host)


BLOWS: dict[Kind, Blow] = {
    Kind.NOTHING: nothing,
    Kind.CUT: cut,
    Kind.CUT_IN_CHARGE: cut_in_charge,
    Kind.POWER: power,
    Kind.SLOW: slow,
    Kind.CLOCK: wrong_clocks,
    Kind.DEPLOY: rolling_deploy,
}
