"""The units of systemd in deploy/, with this checkout in the place of a server's."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
ON_A_SERVER = "/srv/todoku/current"
# Those that run until they are stopped.
SERVING = (
    "todoku-web.service",
    "todoku-stream.service",
    "todoku-worker@.service",
    "todoku-sweeper.service",
)


class Unit:
    """One file. A key that stands twice has its values joined by lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, list[str]] = {}
        for line in (UNITS / name).read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                self.values.setdefault(key, []).append(value)

    def all(self, key: str) -> list[str]:
        return self.values.get(key, [])

    def one(self, key: str) -> str:
        (value,) = self.all(key)
        return value

    def command(self) -> list[str]:
        """Return the words of ExecStart, with this checkout's programs."""
        line = self.one("ExecStart").replace("%%", "%").replace("%i", "1")
        return line.replace(ON_A_SERVER, str(ROOT)).split()


def copied(folder: Path) -> list[Path]:
    """Copy all units into ``folder``, with this checkout's paths. Return the files."""
    shutil.copytree(UNITS, folder, dirs_exist_ok=True)
    for file in folder.rglob("*.*"):
        if file.is_file():
            file.write_text(file.read_text().replace(ON_A_SERVER, str(ROOT)))
    return sorted(file for file in folder.iterdir() if file.is_file())
