"""What a copy of the shop consists of, with the checksum of each file."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

NAME = "manifest.json"
FORMAT = 1
_BLOCK = 1024 * 1024  # bytes

# Called with the bytes that are done.
OnProgress = Callable[[int], None]


class DamagedBackup(Exception):
    """A copy is not what was written: restoring it would lose what is damaged."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} cannot be restored: {reason}. Nothing was changed. Use another "
            "copy."
        )


@dataclass(frozen=True)
class Entry:
    """One file: its size in bytes and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """When a copy was made, of which database, and its files by relative path."""

    made_at: str
    database: str
    files: dict[str, Entry]
    format: int = FORMAT

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(entry.size for entry in self.files.values())

    def write(self, folder: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a copy. Raises DamagedBackup."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            reason = f"another version wrote it (format {found['format']})"
            raise DamagedBackup(folder, reason)
        files = {name: Entry(**entry) for name, entry in found["files"].items()}
        manifest = Manifest(found["made_at"], found["database"], files)
    except FileNotFoundError as error:
        reason = f"it has no {NAME}, so it is no copy, or was not finished"
        raise DamagedBackup(folder, reason) from error
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedBackup(folder, f"its {NAME} cannot be read") from error
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise DamagedBackup(folder, f"it names a file outside of it: {name}")
    return manifest


def verify(folder: Path, on_progress: OnProgress) -> Manifest:
    """Compare each file of a copy with the manifest. Raises DamagedBackup."""
    manifest = read_manifest(folder)
    done = 0
    for name, entry in manifest.files.items():
        try:
            found = measure(folder / name)
        except OSError as error:
            raise DamagedBackup(folder, f"{name}: {error.strerror}") from error
        if found != entry:
            raise DamagedBackup(folder, f"{name} is not the file that was written")
        done += entry.size
        on_progress(done)
    return manifest


def measure(file: Path) -> Entry:
    """Return the size and the checksum of a file. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Entry(size, digest.hexdigest())
