"""Profile the worker while it does checkouts on PostgreSQL, with py-spy.

``python -m benchmarks.profile [COUNT]`` (``make bench`` installs py-spy) runs COUNT
sagas on the worker that ``make up`` starts; the gateway answers at once. Its threads
share one interpreter, which is what limits them, so only the thread that holds it is
sampled. It prints how busy the interpreter was, the share of each kind of work in that,
and the file with the stacks. The last line is JSON.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.compare import prepared, timed
from benchmarks.processes import broker, configure, start_worker
from tests.support import postgres

COUNT = 600
WARM_UP = 60
RATE = 150  # samples a second
STACKS = Path(tempfile.gettempdir()) / "checkout-stacks.txt"

RUN = "(saga/engine"  # in a frame of the engine, while a saga runs
_ON_THE_WIRE = (
    "(psycopg/connection",
    "(psycopg/_connection_base",
    "_execute_send (psycopg/",
    "_maybe_prepare_gen (psycopg/",
)
# Kind, marks, and whether only the innermost frame counts. A sample belongs to the
# first kind of which a frame contains a mark.
KINDS = (
    ("the database: handing statements over", _ON_THE_WIRE, True),
    ("psycopg: values to text and back", ("(psycopg/",), False),
    ("the mail", ("(django/template", "(django/core/mail", "(email/"), False),
    ("Django: making statements, reading rows", ("(django/db/models/",), False),
    ("Django: transactions and connection", ("(django/db/",), False),
    ("the saga and its steps", (RUN,), False),
)
REST = "Celery and its broker"


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else COUNT
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.own_server())
        configure(folder, url)
        stack.enter_context(broker(folder))
        # These modules read the environment.
        from benchmarks import ours  # noqa: PLC0415

        worker = start_worker(stack)
        prepared(ours, WARM_UP)
        work = ours.prepare(count)
        spy = _spy(worker.pid)
        # py-spy has to attach before the work begins.
        time.sleep(2)
        seconds = timed(ours, count, work)
        # On SIGINT it writes the stacks.
        spy.send_signal(signal.SIGINT)
        spy.wait()
    _report(count, seconds, _shares(STACKS.read_text().splitlines()))


def _report(count: int, seconds: float, samples: Counter[str]) -> None:
    busy = samples.total() / RATE / seconds
    print(  # noqa: T201
        f"{count / seconds:.1f} sagas a second; the interpreter was busy for "
        f"{busy:.0%} of the time; the stacks are in {STACKS}"
    )
    shares = {
        kind: round(100 * number / samples.total(), 1)
        for kind, number in samples.most_common()
    }
    for kind, share in shares.items():
        print(f"{share:5.1f} %  {kind}")  # noqa: T201
    print(json.dumps(shares))  # noqa: T201


def _spy(pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        [
            *(str(Path(sys.executable).with_name("py-spy")), "record", "--pid"),
            *(str(pid), "--gil", "--rate", str(RATE)),
            *("--duration", "3600", "--format", "raw", "--output", str(STACKS)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _shares(lines: Iterable[str]) -> Counter[str]:
    """Return kind -> samples in which the interpreter did it."""
    counts: Counter[str] = Counter()
    for line in lines:
        stack, samples = line.rsplit(" ", 1)
        counts[_kind(stack.split(";"))] += int(samples)
    return counts


def _kind(frames: list[str]) -> str:
    if not any(RUN in frame for frame in frames):
        return REST
    for kind, marks, innermost in KINDS:
        looked_at = frames[-1:] if innermost else frames
        if any(mark in frame for frame in looked_at for mark in marks):
            return kind
    return REST


if __name__ == "__main__":
    main(sys.argv[1:])
