"""Drive every form, address, header, cookie and the webhook: ``make fuzz``.

``python -m tests.fuzz.run [--inputs 2500] [--seed 17] [--database postgresql]`` starts
the real processes, replays the corpus and tries new inputs. Each fault is printed with
its smallest input. The exit code is 1 if there is one.
"""

import argparse
import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.support.live import live_stack
from tests.support.network import stay_on_this_machine
from tests.support.postgres import own_server
from tests.support.variables import settings_variables

if TYPE_CHECKING:
    from tests.fuzz.driven_shop import DrivenShop
    from tests.fuzz.explore import Findings

ROOT = Path(__file__).parents[2]
DATABASES = ("sqlite", "postgresql")
INPUTS = 2500
FOLDER = ROOT / "var" / "fuzz"


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = _options()
    start = options.seed or random.SystemRandom().randrange(1, 1_000_000)
    stay_on_this_machine()
    say(f"seed {start}, {options.inputs} inputs on {options.database}")
    with _driven_shop(options.database) as shop:
        from tests.fuzz import corpus  # noqa: PLC0415
        from tests.fuzz.explore import explore  # noqa: PLC0415

        known = corpus.choose(options.inputs // 2, start)
        say(f"{len(shop.targets)} targets, {len(known)} inputs of the corpus")
        findings = explore(
            shop,
            known,
            count=options.inputs,
            start=start,
            on_progress=lambda sent, faults: say(f"{sent} sent, {faults} faults"),
        )
        new = corpus.save(findings.reached.values(), corpus.INPUTS)
        new += corpus.save((one for one, _ in findings.faults.values()), corpus.FAULTS)
    report(findings, new, f"make fuzz SEED={start} DATABASE={options.database}")
    return 1 if findings.faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--seed", type=int, help="that of an earlier run")
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    return parser.parse_args()


# Modules that need the models are imported inside functions: the environment has to
# be set first.
@contextmanager
def _driven_shop(database: str) -> Iterator["DrivenShop"]:
    data = FOLDER / database
    shutil.rmtree(data, ignore_errors=True)
    for name in settings_variables():
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "DATA_DIR": str(data),
        "ENV_FILE": os.devnull,
    }
    with own_server() if database == "postgresql" else nullcontext() as url:
        if url:
            os.environ["DATABASE_URL"] = url
        django.setup()
        from tests.fuzz.driven_shop import DrivenShop  # noqa: PLC0415

        with live_stack(data) as stack, stack.as_database():
            shop = DrivenShop(stack)
            shop.prepare()
            yield shop


def report(findings: "Findings", new: int, again: str) -> None:
    for kind, (smallest, details) in findings.faults.items():
        say("", f"FAULT {kind}", f"smallest input: {smallest.line()}", details)
    say(
        "",
        f"{findings.sent} inputs, {len(findings.reached)} outcomes, "
        f"{len(findings.faults)} faults, {new} inputs new in the corpus",
        f"again: {again}",
    )


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
