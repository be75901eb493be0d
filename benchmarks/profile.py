"""Profile the worker while it does checkouts on PostgreSQL, with py-spy.

``python -m benchmarks.profile [COUNT]`` (``make bench`` installs py-spy) runs COUNT
sagas on the shop's worker with two processes; the gateway answers at once. It prints
the share of each kind of work, and the file with the stacks. The last line is JSON.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.compare import broker, configure, prepared, start_worker, timed
from tests.support import postgres

COUNT = 600
WARM_UP = 60
RATE = 150  # samples a second of each process
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
    ("the database: handing over and waiting", _ON_THE_WIRE, True),
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
        from checkout.flow.definition import CHECKOUT  # noqa: PLC0415

        worker = start_worker(stack, "shop", ",".join(CHECKOUT.links))
        prepared(ours, WARM_UP)
        work = ours.prepare(count)
        spy = _spy(worker.pid)
        # py-spy has to find all processes before the work begins.
        time.sleep(2)
        seconds = timed(ours, count, work)
        # On SIGINT it writes the stacks.
        spy.send_signal(signal.SIGINT)
        spy.wait()
    shares = _shares(STACKS.read_text().splitlines())
    print(f"{count / seconds:.1f} sagas a second; the stacks are in {STACKS}")  # noqa: T201
    for kind, share in shares.most_common():
        print(f"{share:5.1f} %  {kind}")  # noqa: T201
    print(json.dumps({kind: round(share, 1) for kind, share in shares.items()}))  # noqa: T201


def _spy(pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        [
            *(str(Path(sys.executable).with_name("py-spy")), "record", "--pid"),
            *(str(pid), "--subprocesses", "--idle", "--rate", str(RATE)),
            *("--duration", "3600", "--format", "raw", "--output", str(STACKS)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _shares(lines: Iterable[str]) -> Counter[str]:
    """Return kind -> per cent of the samples in which a process had a task."""
    counts: Counter[str] = Counter()
    for frames, samples in _stacks(lines):
        counts[_kind(frames)] += samples
    whole = counts.total()
    return Counter({kind: 100 * number / whole for kind, number in counts.items()})


def _stacks(lines: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    """Yield the frames, outermost first, and the samples of the worker's processes."""
    for line in lines:
        stack, samples = line.rsplit(" ", 1)
        frames = stack.split(";")
        # The parent distributes messages; a process without a message waits for one.
        is_child = any("workloop" in frame for frame in frames)
        if is_child and "_recv (billiard/connection" not in frames[-1]:
            yield frames, int(samples)


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
