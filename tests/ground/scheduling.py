"""Which tests run beside each other: never two that share a set of real processes."""

from xdist.scheduler import LoadScopeScheduling

# Folders whose tests share one set of processes. It takes some ten seconds to start,
# and a fault in one test would be met by another's.
SHARING = {
    "tests/browser",
    "tests/chaos",
    "tests/faults",
    "tests/journeys",
    "tests/later",
}


def shares(nodeid: str) -> bool:
    return _folder(nodeid) in SHARING


def _folder(nodeid: str) -> str:
    return "/".join(nodeid.split("/")[:2])


class ProcessesTogether(LoadScopeScheduling):
    """Hands out whole sets of tests: one set of processes at a time for each worker.

    The mark ``xdist_group`` would say the same of single tests, but pytest-xdist 3.8
    overlooks it under pytest 9.2: it writes the group into a name that is not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _folder(nodeid) if shares(nodeid) else nodeid.partition("::")[0]
