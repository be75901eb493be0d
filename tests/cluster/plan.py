"""The hosts of the cluster and what breaks them, one fault after another."""

from dataclasses import dataclass
from enum import StrEnum

NETWORK = "10.87.0"  # in namespaces of its own: it meets no other network
PREFIX = "todoku-"  # of every namespace that is made, and removed
HUB = f"{PREFIX}hub"  # holds the bridge
CUSTOMERS = f"{PREFIX}customers"  # from there customers buy, and figures are read
CUSTOMER_NUMBERS = range(200, 220)  # their addresses: the proxy limits each one


class Role(StrEnum):
    """What a host does."""

    PROXY = "proxy"
    WEB = "web"
    WORKER = "worker"
    STREAM = "stream"
    SWEEPER = "sweeper"
    DATABASE = "database"
    BROKER = "broker"
    OUTSIDE = "outside"  # the payment provider and a mail server


@dataclass(frozen=True)
class Host:
    """One machine: its name, and the last number of its address."""

    name: str
    role: Role
    number: int

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def namespace(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def runs_the_shop(self) -> bool:
        return self.role in (Role.WEB, Role.WORKER, Role.STREAM, Role.SWEEPER)


HOSTS = (
    Host("proxy1", Role.PROXY, 2),
    Host("web1", Role.WEB, 11),
    Host("web2", Role.WEB, 12),
    Host("worker1", Role.WORKER, 21),
    Host("worker2", Role.WORKER, 22),
    Host("worker3", Role.WORKER, 23),
    Host("stream1", Role.STREAM, 31),
    Host("sweeper1", Role.SWEEPER, 41),
    Host("sweeper2", Role.SWEEPER, 42),
    Host("database1", Role.DATABASE, 51),
    Host("broker1", Role.BROKER, 52),
    Host("outside1", Role.OUTSIDE, 61),
)
BY_NAME = {host.name: host for host in HOSTS}


def of_role(role: Role) -> Host:
    """Return the first host of that role."""
    return next(host for host in HOSTS if host.role is role)


class Kind(StrEnum):
    """How hosts are broken."""

    NOTHING = "nothing"
    CUT = "cut"  # every packet is lost in silence, both ways
    CUT_IN_CHARGE = "cut in charge"  # the worker host whose charge is under way
    POWER = "power"  # all its processes end at once; it starts again afterwards
    SLOW = "slow"  # packets are late, and some are lost
    CLOCK = "clock"  # its wall clock is wrong
    DEPLOY = "deploy"  # another release, host by host


@dataclass(frozen=True)
class Fault:
    """One line of the table: what happens to which hosts, for how many seconds.

    A clock is wrong by ``offsets`` seconds, by host. A slow host's packets are each
    ``delay`` to 1.5 ``delay`` seconds late, both ways, and of 100 ``loss`` are lost.
    """

    name: str
    kind: Kind
    hosts: tuple[str, ...] = ()
    seconds: float = 15.0
    offsets: tuple[int, ...] = ()
    delay: float = 0.0
    loss: float = 0.0


MINUTES_5 = 300
PLAN = (
    Fault("nothing", Kind.NOTHING),
    # Longer than the 45 s after which its claims are taken over.
    Fault("worker host cut off in a charge", Kind.CUT_IN_CHARGE, seconds=70),
    Fault("worker host without power", Kind.POWER, ("worker2",)),
    Fault("web host cut off", Kind.CUT, ("web1",)),
    Fault("web host without power", Kind.POWER, ("web2",)),
    Fault("stream host cut off", Kind.CUT, ("stream1",)),
    Fault("broker cut off", Kind.CUT, ("broker1",)),
    Fault("broker without power", Kind.POWER, ("broker1",)),
    Fault("broker away, one sweeper cut off", Kind.CUT, ("broker1", "sweeper1")),
    Fault("database cut off", Kind.CUT, ("database1",), seconds=10),
    Fault("database without power", Kind.POWER, ("database1",), seconds=5),
    # Longer than a call to the provider may take, which is what tells.
    Fault("provider and mail server cut off", Kind.CUT, ("outside1",), seconds=45),
    Fault(
        "packets 50 to 75 ms late, 3% lost",
        Kind.SLOW,
        ("web1", "worker1", "worker2", "sweeper1", "outside1"),
        seconds=20,
        delay=0.05,
        loss=3.0,
    ),
    Fault(
        "clocks 5 minutes wrong",
        Kind.CLOCK,
        ("web1", "worker1", "worker2", "sweeper1"),
        offsets=(MINUTES_5, -MINUTES_5, MINUTES_5, -MINUTES_5),
    ),
    Fault("rolling deploy", Kind.DEPLOY),
)
# As the how-to says: workers and sweepers before the web.
DEPLOY_ORDER = (Role.WORKER, Role.SWEEPER, Role.WEB, Role.STREAM)


def chosen(words: list[str]) -> list[Fault]:
    """Return the faults whose name contains one of the words; all without words."""
    return [
        fault
        for fault in PLAN
        if not words or any(word.lower() in fault.name for word in words)
    ]
