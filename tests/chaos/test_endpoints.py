"""What the systems of a run were sent is counted: nothing is missed silently."""

from tests.chaos.counts import Counts
from tests.chaos.endpoints import Received, count_received


def test_an_event_that_is_withheld_is_a_webhook_missing() -> None:
    counts = Counts()
    received = Received("ERP")
    received.bodies["a"] = [b"{}", b"{}"]

    count_received(counts, received, ["a", "b"])

    assert counts.webhooks_missing == 1
    assert counts.findings == ["ERP never received 1 events: ['b']"]


def test_the_same_event_with_another_body_and_a_wrong_signature_are_found() -> None:
    counts = Counts()
    received = Received("ERP", unsigned=1)
    received.bodies["a"] = [b"{}", b"[]"]

    count_received(counts, received, ["a"])

    assert counts.webhooks_missing == 0
    assert counts.findings == [
        "ERP received a with different bodies",
        "ERP received 1 with a wrong signature",
    ]
