"""Distribute tests: those that share a live stack run one after another."""

from xdist.scheduler import LoadScopeScheduling

# Folder -> turn. The tests of a folder share one live stack, because it takes about ten
# seconds to start; so they must not run at the same time. Three live stacks keep two
# cores busy, so there are three turns.
TURNS = {
    "tests/browser": "first",
    "tests/chaos": "second",
    "tests/fault_matrix": "third",
    "tests/fuzz": "third",
    "tests/journeys": "third",
    "tests/delayed_payments": "third",
}
# A file that would keep one worker busy for minutes. Its tests share nothing.
SPLIT = ("tests/dashboard_matrix/test_matrix.py",)


def turn(nodeid: str) -> str | None:
    """Return the turn of a test, or None if it needs no live stack."""
    return TURNS.get("/".join(nodeid.split("/")[:2]))


def place(nodeid: str) -> int:
    """Return where a test stands: the longer the work that it is part of, the earlier.

    So processes that are done early take short ones.
    """
    if turn(nodeid):
        return 0
    return 1 if _file(nodeid) in SPLIT else 2


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class ProcessesTogether(LoadScopeScheduling):
    """Gives the tests of a turn to one worker, and all others file by file.

    Those of the files in ``SPLIT`` go one by one.

    The mark ``xdist_group`` would do the same, but pytest-xdist 3.8 ignores it under
    pytest 9.2: it writes the group into a name that is not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        if _file(nodeid) in SPLIT:
            return nodeid
        return turn(nodeid) or _file(nodeid)
