"""Find or install Chromium for the browser tests."""

import os
import shutil
import subprocess
from collections.abc import Callable

from tests.support import apt

# The one without windows first: it needs half the processor time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)
BROWSERS = ("chromium-headless-shell", "chromium")  # packages; one of them is enough
FONT = "fonts-noto-cjk"
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
    """There is no Chromium here, and none can be installed."""

    def __init__(self, reason: object = "they are missing") -> None:
        super().__init__(
            f"The browser tests need Chromium and a Japanese font: {reason}. "
            f"Install them (Debian: apt-get install {BROWSERS[0]} {FONT}), or name "
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
    say(f"Installing Chromium and {FONT} for the browser tests ...")
    try:
        apt.update()
        for package in BROWSERS:
            try:
                apt.install(package, FONT)
                break
            except apt.NoApt:
                # Not every distribution has the first package.
                if package == BROWSERS[-1]:
                    raise
    except apt.NoApt as error:
        raise NoBrowser(error) from error
    require()
