"""The thread beside the sweeper: one job that fails lets the other work."""

import threading
from datetime import datetime

import pytest

from checkout.payments.gateway import OutcomeUnknownError
from checkout.reconciliation import run

FAULTS = [OutcomeUnknownError("no answer"), OSError("a full disk")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", FAULTS, ids=["provider", "program"])
def test_a_reconciliation_that_fails_leaves_the_movements_to_be_read(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    read: list[datetime] = []

    def fail(_now: datetime, _stop: threading.Event) -> None:
        raise fault

    def fetch(now: datetime) -> None:
        read.append(now)
        stop.set()
        raise fault

    monkeypatch.setattr(run, "reconcile_if_due", fail)
    monkeypatch.setattr(run, "fetch_if_due", fetch)

    run.reconcile_in_background(stop).join(timeout=20)

    assert len(read) == 1
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("the reconciliation was broken off")
    assert second.startswith("reading the account's movements was broken off")
