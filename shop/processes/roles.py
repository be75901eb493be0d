"""What this process is in the shop, told by its command line.

The settings import this module, so it must not import Django. How long the database
may keep a process waiting depends on it: a page must answer, a nightly job has time.
"""

from collections.abc import Sequence
from pathlib import PurePath

WEB, WORKER, SWEEPER, COMMAND = "web", "worker", "sweeper", "command"
ROLES = (WEB, WORKER, SWEEPER, COMMAND)
# They write links and show no page: the admin, the API and the pages of accounts are
# 60 MB that each of them is spared (docs/adr/0044).
WITHOUT_PAGES = (WORKER, SWEEPER)


def role_of(argv: Sequence[str]) -> str:
    """Return the role of a process with this command line; ``command`` for any other.

    Programs that ``python -m`` starts have the path of their ``__main__.py``.
    """
    program = PurePath(argv[0]) if argv else PurePath("python")
    name = program.parent.name if program.name == "__main__.py" else program.name
    words = argv[1:]
    if name == "gunicorn":
        return WEB
    if name == "celery" and "worker" in words:
        return WORKER
    return SWEEPER if words[:1] == ["sweeper"] else COMMAND


def database_options(milliseconds: dict[str, int]) -> str:
    """Return libpq's ``options`` that set these parameters of a session.

    A parameter that is 0 is left to the server.
    """
    return " ".join(
        f"-c {name}={value}" for name, value in milliseconds.items() if value
    )
