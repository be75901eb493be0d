"""Read the processes of this machine from /proc."""

from pathlib import Path


def group_members(group: int) -> list[int]:
    """Return the live processes of a process group, its leader first."""
    members = [
        process
        for process, (state, its_group) in _processes().items()
        if its_group == group and state != "Z"
    ]
    return sorted(members, key=lambda process: (process != group, process))


def is_alive(process: int) -> bool:
    """Return whether a process runs; an ended one that was not collected does not."""
    return _processes().get(process, ("Z", 0))[0] != "Z"


def having_variable(name: str, value: str) -> list[int]:
    """Return the running processes whose environment has this variable."""
    wanted = f"{name}={value}".encode()
    return [
        process
        for process, (state, _group) in _processes().items()
        if state != "Z" and wanted in _environment(process)
    ]


def _environment(process: int) -> list[bytes]:
    try:
        return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []  # it ended, or belongs to another user


def _processes() -> dict[int, tuple[str, int]]:
    """Return process id -> state letter and process group."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we were reading
        # The name in parentheses can hold any character: count from its end (proc(5)).
        state, _parent, group = text[text.rindex(")") + 1 :].split()[:3]
        found[int(stat.parent.name)] = (state, int(group))
    return found
