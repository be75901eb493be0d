"""Which tests run beside each other: never two that share a set of real processes."""

from xdist.scheduler import LoadScopeScheduling

# Folder -> whose turn it is. The tests of a folder share one set of processes: it takes
# some ten seconds to start, and a fault in one test would be met by another's. Three
# such sets at a time keep two cores busy, so there are three turns.
TURNS = {
    "tests/browser": "first",
    "tests/chaos": "second",
    "tests/fault_matrix": "third",
    "tests/journeys": "third",
    "tests/delayed_payments": "third",
}


def turn(nodeid: str) -> str | None:
    """Return which tests this one takes turns with, if it needs real processes."""
    return TURNS.get("/".join(nodeid.split("/")[:2]))


class ProcessesTogether(LoadScopeScheduling):
    """Hands out the tests: those of a turn to one worker, all others file by file.

    The mark ``xdist_group`` would say the same of single tests, but pytest-xdist 3.8
    overlooks it under pytest 9.2: it writes the group into a name that is not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        return turn(nodeid) or nodeid.partition("::")[0]
