"""The browser of the browser tests: Debian's Chromium, found or installed."""

import os
import shutil
import subprocess
from collections.abc import Callable

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
ARGUMENTS = (
    "--no-sandbox",  # Chromium's own sandbox refuses to run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """No Chromium here and none can be installed; a person has to."""

    def __init__(self, reason: object = "they are missing") -> None:
        super().__init__(
            f"The browser tests need Chromium and a Japanese font: {reason}. "
            f"Install them (Debian: apt-get install {' '.join(PACKAGES)}), or name "
            "the program in the variable CHROMIUM."
        )


def find() -> str | None:
    """Return the path of a Chromium on this machine."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def require() -> str:
    """Return the path of a Chromium. Raises NoBrowser."""
    path = find()
    if path is None:
        raise NoBrowser
    return path


def has_japanese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    found = subprocess.run(
        [lister, ":lang=ja", "family"], capture_output=True, check=False
    )
    return bool(found.stdout.strip())


def provide(say: Callable[[str], None]) -> None:
    """Install Chromium and a Japanese font where they are missing. Raises NoBrowser."""
    if find() and has_japanese_font():
        return
    apt = shutil.which("apt-get")
    if apt is None:
        raise NoBrowser
    command = [apt] if os.geteuid() == 0 else ["sudo", "--non-interactive", apt]
    say(f"Installing {' and '.join(PACKAGES)} for the browser tests ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for order in (
        ["update", "--quiet=2"],
        ["install", "--quiet=2", "--yes", "--no-install-recommends", *PACKAGES],
    ):
        try:
            subprocess.run(
                [*command, *order],
                check=True,
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoBrowser(error) from error
    require()
