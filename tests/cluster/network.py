"""Hosts as network namespaces, joined by a bridge in a namespace of its own.

Nothing is changed in the machine's own network: bridge, links and addresses are inside
the namespaces, and go with them. Needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.plan import (
    CUSTOMER_NUMBERS,
    CUSTOMERS,
    HOSTS,
    HUB,
    NETWORK,
    PREFIX,
    Host,
)

NAMED = Path("/run/netns")
TOOLS = {"ip": "iproute2", "nsenter": "util-linux", "unshare": "util-linux"}
SETTLE = 1.0  # seconds


class NotAllowed(Exception):
    """This machine or user may not make hosts; the message says what to do."""


def require() -> None:
    """Raise NotAllowed unless namespaces, links and a bridge can be made here."""
    if os.geteuid() != 0:
        message = (
            "make cluster makes network namespaces, which needs root. Run it as root, "
            "for example: sudo make cluster"
        )
        raise NotAllowed(message)
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        packages = " ".join(sorted({TOOLS[tool] for tool in missing}))
        message = (
            f"make cluster needs {', '.join(missing)}. "
            f"Debian: apt-get install {packages}"
        )
        raise NotAllowed(message)
    try:
        remove_left_overs()
        run("ip", "netns", "add", HUB)
        run("ip", "-n", HUB, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", HUB, "link", "add", "name", "a", "type", "veth")
    except subprocess.CalledProcessError as error:
        message = (
            "This machine does not allow network namespaces, a bridge or links: "
            f"{' '.join(error.cmd)} said: {error.stderr.strip()}. In a container, give "
            "it the capabilities NET_ADMIN and SYS_ADMIN (docker run --privileged), or "
            "use a virtual machine."
        )
        raise NotAllowed(message) from error
    finally:
        remove_left_overs()


def can_delay() -> bool:
    """Return whether the kernel has netem, by trying it."""
    tc = shutil.which("tc")
    if tc is None:
        return False
    probe = f"{PREFIX}probe"
    run("ip", "netns", "add", probe)
    try:
        add = ("qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms")
        done = subprocess.run([tc, "-n", probe, *add], capture_output=True, check=False)
        return done.returncode == 0
    finally:
        run("ip", "netns", "del", probe)


def run(*command: str) -> str:
    """Run a command. Raises CalledProcessError, with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def inside(namespace: str, *command: str) -> list[str]:
    """Return the command line that runs ``command`` in that network."""
    return ["nsenter", f"--net={NAMED / namespace}", "--", *command]


def alone(program: str, *arguments: str) -> list[str]:
    """Return the command line of a program of this folder that needs nothing else."""
    file = Path(__file__).with_name(program)
    return [sys.executable, "-I", "-S", str(file), *arguments]


def existing() -> list[str]:
    """Return the namespaces of this or an earlier run."""
    return sorted(path.name for path in NAMED.glob(f"{PREFIX}*"))


def remove_left_overs() -> None:
    """End every process in our namespaces, then remove these; bridge and links go too.

    No effect if there are none.
    """
    names = existing()
    for name in names:
        for word in run("ip", "netns", "pids", name).split():
            end(int(word))
    if names:
        time.sleep(SETTLE / 10)
    for name in names:
        run("ip", "netns", "del", name)


def end(process: int) -> None:
    if process == os.getpid():
        return
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended with another one


@contextmanager
def made() -> Iterator[None]:
    """Make the network, and remove it however the block ends."""
    remove_left_overs()
    try:
        run("ip", "netns", "add", HUB)
        run("ip", "-n", HUB, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", HUB, "link", "set", "bridge", "up")
        numbers = {host.namespace: [host.number] for host in HOSTS}
        numbers[CUSTOMERS] = list(CUSTOMER_NUMBERS)
        for name, own in numbers.items():
            join(name, own)
        for name in numbers:
            introduce(name)
        yield
    finally:
        remove_left_overs()


def port_of(namespace: str) -> str:
    """Return the bridge's end of the namespace's link."""
    return namespace.removeprefix(PREFIX)


def join(namespace: str, numbers: list[int]) -> None:
    """Make a namespace with a link to the bridge, and these addresses."""
    port = port_of(namespace)
    run("ip", "netns", "add", namespace)
    peer = ("peer", "name", "eth0", "address", mac(numbers[0]), "netns", namespace)
    run("ip", "-n", HUB, "link", "add", "name", port, "type", "veth", *peer)
    run("ip", "-n", HUB, "link", "set", port, "master", "bridge", "up")
    run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "-n", namespace, "link", "set", "eth0", "up")
    for number in numbers:
        address = f"{NETWORK}.{number}/24"
        run("ip", "-n", namespace, "address", "add", address, "dev", "eth0")


def introduce(namespace: str) -> None:
    """Tell a namespace the way to all others, once and for ever.

    So a host that is cut off is silent, as behind a router: no address is asked for in
    vain, which would tell its peers after three seconds.
    """
    ways = {host.number: host.number for host in HOSTS}
    ways |= dict.fromkeys(CUSTOMER_NUMBERS, CUSTOMER_NUMBERS[0])
    for number, owner in ways.items():
        way = (f"{NETWORK}.{number}", "lladdr", mac(owner), "nud", "permanent")
        run("ip", "-n", namespace, "neigh", "replace", *way, "dev", "eth0")


def mac(number: int) -> str:
    return f"02:00:00:87:00:{number:02x}"


def cut(host: Host) -> None:
    """Lose every packet from and to this host; it keeps its carrier."""
    run("ip", "-n", HUB, "link", "set", port_of(host.namespace), "nomaster")


def mend(host: Host) -> None:
    run("ip", "-n", HUB, "link", "set", port_of(host.namespace), "master", "bridge")


@contextmanager
def slow(hosts: list[Host], delay: float, loss: float) -> Iterator[str]:
    """Delay (seconds) and lose (percent) packets from and to these hosts.

    Yield what did it: netem, or a wire of our own where the kernel has none.
    """
    if can_delay():
        with _netem(hosts, delay, loss):
            yield "netem"
        return
    wires = []
    try:
        for host in hosts:
            cut(host)
            words = (port_of(host.namespace), str(delay), str(loss))
            program = alone("wire.py", *words)
            wires.append(subprocess.Popen(inside(HUB, *program)))
        yield "wire"
    finally:
        for wire in wires:
            wire.terminate()
        for wire in wires:
            wire.wait(10)
        for host in hosts:
            mend(host)


@contextmanager
def _netem(hosts: list[Host], delay: float, loss: float) -> Iterator[None]:
    middle, around = delay * 1.25e3, delay * 0.25e3  # milliseconds
    how = ("delay", f"{middle:g}ms", f"{around:g}ms", "loss", f"{loss:g}%")
    ends = [(HUB, port_of(host.namespace)) for host in hosts]
    ends += [(host.namespace, "eth0") for host in hosts]
    try:
        for name, device in ends:
            added = ("qdisc", "replace", "dev", device, "root", "netem", *how)
            run("tc", "-n", name, *added)
        yield
    finally:
        for name, device in ends:
            run("tc", "-n", name, "qdisc", "del", "dev", device, "root")
