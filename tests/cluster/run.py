"""The shop on twelve hosts that are broken in turn: ``make cluster``.

``python -m tests.cluster.run [--fault WORDS] [--minutes N] [--customers N]
[--keep FOLDER]``. Needs root. What it makes is removed however it ends;
what an earlier run left is removed first. The exit code is 0 only if nothing was found.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from shop.local.watchdog import Watchdog
from tests.cluster import network, report
from tests.cluster.driver import options_of
from tests.cluster.plan import CUSTOMERS, PLAN
from tests.support import faketime, nginx

ROOT = Path(__file__).parents[2]
Row = dict[str, Any]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--keep", type=Path, help="keep the logs in this folder")
    ours, theirs = parser.parse_known_args(words)
    options_of(theirs)  # ends here if they are wrong
    if ours.keep and not _is_free(ours.keep):
        parser.error(f"--keep needs a new or an empty folder, which {ours.keep} is not")
    run = Run()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require()
    except (network.NotAllowed, nginx.NoNginx, faketime.NoFaketime) as error:
        say(str(error))
        return 2
    folder = ours.keep or Path(tempfile.mkdtemp(prefix="todoku-cluster-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with network.made():
            code = run.drive(folder, theirs)
        if code:
            ended = f"the driver ended with {code}; its logs are in {folder}"
            run.findings.append(ended)
    except KeyboardInterrupt:
        say("\nStopped; everything is removed. Until then:")
        run.conclude()
        return 130
    finally:
        if not ours.keep and not run.findings:
            shutil.rmtree(folder, ignore_errors=True)
    return run.conclude()


def _is_free(folder: Path) -> bool:
    """Return whether nothing is there that could be lost: this runs as root."""
    if folder.is_dir():
        return not any(folder.iterdir())
    return not folder.exists()


def require() -> None:
    """Provide what a run needs. Raises NotAllowed, NoNginx or NoFaketime."""
    network.require()
    nginx.provide(say)
    faketime.provide(say)
    say(
        "Packets are delayed by the kernel (netem)."
        if network.can_delay()
        else "This kernel has no netem: packets are delayed by a wire of our own."
    )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Run:
    """The results of one run, as the driver tells them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.soak: Row | None = None
        self.findings: list[str] = []
        self._began = time.monotonic()

    def drive(self, folder: Path, words: list[str]) -> int:
        """Run the driver to its end, which comes with ours in any case."""
        watchdog = Watchdog()
        program = (sys.executable, "-m", "tests.cluster.driver", str(folder), *words)
        reader, writer = os.pipe()
        process = watchdog.spawn(
            network.inside(CUSTOMERS, *program),
            env=dict(os.environ),
            output=writer,
            cwd=ROOT,
        )
        os.close(writer)
        try:
            return self._read(process, reader)
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                watchdog.dismiss()

    def conclude(self) -> int:
        """Print the results, and write them into the page. Return the exit code."""
        verdict = ["", *report.verdict(self.findings)]
        parts = {}
        if self.soak:
            parts[report.SOAK] = [*report.of_soak(self.soak), *verdict]
        if self.rows:
            parts[report.FAULTS] = [*report.of_faults(self.rows), *verdict]
        if not parts:
            say("\n".join(verdict))
        for name, lines in parts.items():
            say("\n".join(["", *lines]))
            # A choice of the faults leaves the table of all of them alone.
            if name == report.SOAK or len(self.rows) == len(PLAN):
                report.write(name, lines)
                say(f"Written: {report.PAGE.relative_to(ROOT)}")
        return 1 if self.findings else 0

    def _read(self, process: subprocess.Popen[bytes], reader: int) -> int:
        with os.fdopen(reader) as lines:
            for line in lines:
                if line.startswith("{"):
                    self.hear(json.loads(line))
                else:
                    say(line.rstrip())  # before the driver had a log
        return process.wait()

    def hear(self, told: Row) -> None:
        what = told.pop("what")
        seconds = time.monotonic() - self._began
        if what == "started":
            say(f"{seconds:5.0f} s: twelve hosts serve")
        elif what == "begins":
            say(f"{seconds:5.0f} s: {told['name']} ...")
        elif what == "fault":
            self.rows.append(told)
            self.findings += [f"{told['name']}: {each}" for each in told["findings"]]
        elif what == "soak":
            self.soak = told
            self.findings += [f"soak: {each}" for each in told["findings"]]
        else:
            self.findings += told["findings"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
