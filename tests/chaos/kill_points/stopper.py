"""Stop a process by SIGSTOP, but not while one of its threads is in a transaction.

``python -m tests.chaos.kill_points.stopper PID NOTE`` writes the process's id into NOTE
when it is stopped. A thread that is stopped in a transaction keeps its locks, and all
others wait until it continues: that would test the database and not the shop.
"""

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg

from shop.local.paths import Paths

_OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
AND backend_type = 'client backend' AND xact_start IS NOT NULL
AND pid <> pg_backend_pid()
"""


def stop(pid: int) -> None:
    """Stop the process, outside of every transaction."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        # What the server is doing for it ends meanwhile.
        time.sleep(0.05)
        if is_quiet():
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)


def is_quiet() -> bool:
    """Return whether nobody is in a transaction that writes, by the environment."""
    if url := os.environ.get("DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as server:
            row = server.execute(_OTHERS).fetchone()
            return row == (0,)
    database = Paths(Path(os.environ["DATA_DIR"])).database
    with closing(sqlite3.connect(database, timeout=0.5)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


if __name__ == "__main__":
    process, note = int(sys.argv[1]), Path(sys.argv[2])
    stop(process)
    note.with_suffix(".new").write_text(str(process))
    note.with_suffix(".new").rename(note)
