"""Timed changes: expiry of intents and vouchers, disputes, refunds."""

import threading
from collections.abc import Callable

from sandboxes.stripe import (
    disputes,
    idempotency,
    konbini,
    refunds,
    sessions,
    settlement,
)
from sandboxes.stripe.call import Call
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import Object

_TICK_SECONDS = 0.5
_PRUNE_EVERY = 120


def _expire(call: Call, intent: Object) -> None:
    if intent["status"] == "requires_capture":
        settlement.release(call, intent, "automatic")


def _lapse(call: Call, intent: Object) -> None:
    konbini.lapse(call, intent)


def _pay(call: Call, intent: Object) -> None:
    konbini.pay(call, intent)


def _dispute(call: Call, charge: Object) -> None:
    disputes.open_on(call, charge)


def _decide(call: Call, dispute: Object) -> None:
    disputes.decide(call, dispute)


def _end(call: Call, session: Object) -> None:
    sessions.end(call, session)


def _settle(call: Call, refund: Object) -> None:
    refunds.settle(call, refund)


_ACTIONS: dict[str, Callable[[Call, Object], None]] = {
    "expire": _expire,
    "voucher": _lapse,
    "voucher_paid": _pay,
    "dispute": _dispute,
    "dispute_due": _decide,
    "dispute_verdict": _decide,
    "refund": _settle,
    "session": _end,
}


def run_due(sandbox: Sandbox) -> int:
    """Do everything that is due, once each. Return the number."""
    store, now = sandbox.store, sandbox.clock.now()
    done = 0
    if store.row("SELECT 1 FROM due WHERE at <= ?", (now,)) is None:
        return 0
    with store.transaction():
        for row in store.rows("SELECT * FROM due WHERE at <= ? ORDER BY at", (now,)):
            subject = store.get(row["id"])
            store.unschedule(row["id"], row["what"])
            if subject is not None:
                _ACTIONS[row["what"]](sandbox.call(), subject)
                done += 1
    if done:
        sandbox.ring()
    return done


def start(sandbox: Sandbox) -> threading.Thread:
    thread = threading.Thread(target=_tick, args=(sandbox,), name="timer", daemon=True)
    thread.start()
    return thread


def _tick(sandbox: Sandbox) -> None:
    ticks = 0
    while not sandbox.stopping.wait(_TICK_SECONDS):
        run_due(sandbox)
        ticks += 1
        if ticks % _PRUNE_EVERY == 0:
            idempotency.prune(sandbox.store, sandbox.clock.now())
