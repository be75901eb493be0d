"""Install Debian's packages that the tests need, where that is possible."""

import os
import shutil
import subprocess
from collections.abc import Callable


class NoApt(Exception):
    """Packages cannot be installed on this machine."""


def update() -> None:
    """Read the lists of packages. Raises NoApt."""
    _run("update", "--quiet=2")


def install(*packages: str) -> None:
    """Install the packages. Raises NoApt."""
    quiet = ("--quiet=2", "--yes", "--no-install-recommends")
    _run("install", *quiet, *packages)


def provide(program: str, package: str, say: Callable[[str], None]) -> bool:
    """Install the package of a program that is missing. Return whether it is there.

    The tests that need it are skipped elsewhere, with this reason.
    """
    if shutil.which(program):
        return True
    say(f"Installing {package} for the tests of deploy/ ...")
    try:
        update()
        install(package)
    except NoApt as error:
        say(f"{program} is missing, and cannot be installed: {error}")
    return bool(shutil.which(program))


def _run(*arguments: str) -> None:
    apt = shutil.which("apt-get")
    if apt is None:
        message = "there is no apt-get here"
        raise NoApt(message)
    command = [apt] if os.geteuid() == 0 else ["sudo", "--non-interactive", apt]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(
            [*command, *arguments],
            check=True,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoApt(error) from error
