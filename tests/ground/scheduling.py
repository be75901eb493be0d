"""Which tests run beside each other: never two that share a set of real processes."""

from xdist.scheduler import LoadScopeScheduling

# Folder or file -> what its tests share. Each set of processes takes some ten seconds
# to start, and a fault in one test would be met by another's.
TOGETHER = {
    "tests/browser": "browser",
    "tests/chaos": "chaos",
    "tests/faults": "faults",
    "tests/journeys": "journeys",
    "tests/later": "later",
    "tests/local/test_live_ground.py": "browser",
}


def scope(nodeid: str) -> str:
    """Return the name that all tests have which must run in one process, in turn."""
    path = nodeid.partition("::")[0]
    return shared(path) or path


def shared(path: str) -> str | None:
    """Return the name of the processes that this file's tests share, if they do."""
    folder = "/".join(path.split("/")[:2])
    return TOGETHER.get(path) or TOGETHER.get(folder)


class ProcessesTogether(LoadScopeScheduling):
    """Hands out whole sets of tests: one set of processes at a time for each worker.

    The mark ``xdist_group`` would say the same of single tests, but pytest-xdist 3.8
    overlooks it under pytest 9.2: it writes the group into a name that is not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
