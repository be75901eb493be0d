"""Measure a reconciliation: ``.venv/bin/python -m benchmarks.reconcile [COUNT]``.

COUNT orders in PostgreSQL and as many payments in the sandbox, which the real command
reads over HTTP. A few disagree: it must find all of these and nothing else. The last
line is JSON.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

from tests.sandboxes.stripe.making import captured
from tests.support import postgres
from tests.support.sandbox import SandboxProcess

AMOUNT = 3200  # what the sandbox's template is charged
EVERY = timedelta(seconds=60)  # between two orders
# One of this many was charged another amount, or has no order.
WRONG_AMOUNT, STRANGER = 1000, 2500


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.own_server())
        sandbox = SandboxProcess(folder / "stripe")
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATABASE_URL": url,
            "DATA_DIR": str(folder / "data"),
            "ENV_FILE": os.devnull,
        }
        uids = [str(uuid.uuid4()) for _number in range(count)]
        moments = [datetime.now(UTC) - EVERY * (n + 10) for n in range(count)]
        charge_them(sandbox, uids, moments)
        keep_books(uids, moments)
        sandbox.start()
        stack.callback(sandbox.stop)
        report(count, sandbox.url, moments[-1])


def charge_them(
    sandbox: SandboxProcess, uids: list[str], moments: list[datetime]
) -> None:
    """Charge one order through the sandbox's API, and copy its rows for the others."""
    sandbox.data.mkdir(parents=True)
    sandbox.start()
    client = sandbox.client()
    template = captured(client, metadata={"order": "ORDER"})
    sandbox.stop()
    database = sqlite3.connect(sandbox.data / "stripe_sandbox.sqlite3")
    rows = database.execute(
        "SELECT kind, body FROM objects WHERE id IN (?, ?)",
        (template.id, template.latest_charge),
    ).fetchall()
    database.execute("DELETE FROM objects")
    copies = []
    for number in reversed(range(len(uids))):
        created = int(moments[number].timestamp())
        for kind, body in rows:
            copy = json.loads(
                body.replace(template.id, intent_id(number))
                .replace(template.latest_charge, f"ch_{number:08d}")
                .replace("ORDER", "" if number % STRANGER == 1 else uids[number])
            )
            copy["created"] = created
            if number % WRONG_AMOUNT == 0 and kind == "payment_intent":
                copy["amount_received"] = AMOUNT - 1
            copies.append(
                (
                    copy["id"],
                    kind,
                    created,
                    copy.get("payment_intent"),
                    json.dumps(copy),
                )
            )
    database.executemany(
        "INSERT INTO objects (id, kind, created, intent, body) VALUES (?, ?, ?, ?, ?)",
        copies,
    )
    database.commit()
    database.close()


def keep_books(uids: list[str], moments: list[datetime]) -> None:
    """Write all orders that have one as completed, with their goods shipped out."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks import reconcile_books  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    numbers = [n for n in range(len(uids)) if n % STRANGER != 1]
    reconcile_books.write(
        [(uids[n], moments[n], intent_id(n)) for n in numbers], AMOUNT
    )


def intent_id(number: int) -> str:
    return f"pi_{number:08d}"


def report(count: int, url: str, since: datetime) -> None:
    command = ["manage.py", "reconcile_payments", "--json", "--since"]
    begun = time.monotonic()
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, *command, since.isoformat()],
        env={**os.environ, "STRIPE_API_BASE": url},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begun
    if done.returncode != 1:
        message = f"exit code {done.returncode}: {done.stdout[-500:]}{done.stderr}"
        raise SystemExit(message)
    document = json.loads(done.stdout)
    kinds = [row["kind"] for row in document["mismatches"]]
    strangers = sum(n % STRANGER == 1 for n in range(count))
    wrong = sum(n % WRONG_AMOUNT == 0 for n in range(count))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "intents": document["intents"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": used.ru_maxrss // 1024,
        "seeded": {"amount_differs": wrong, "charge_without_order": strangers},
        "found": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
