"""Spans: whose trace they belong to, what they tell, and that they can be off."""

import threading

import pytest
from django.test import Client

from shop.logs.context import bound
from shop.traces.spans import Kind, span
from tests.shop.traces.collector import collected

REQUEST = "4bf92f3577b34da6a3ce929d0e0e4736"
FIRST = REQUEST[16:]


def test_without_a_collector_nothing_happens() -> None:
    with span("one") as here, span("two"):
        here.describe("other", key="value")


def test_another_process_continues_the_trace_of_a_request() -> None:
    def work() -> None:
        with (
            bound(request_id=REQUEST, reference="261122-AAAAAA"),
            span("step"),
            span("Stripe", Kind.CALL),
        ):
            pass

    with collected() as collector:
        with bound(request_id=REQUEST), span("request", Kind.REQUEST) as here:
            here.describe("POST confirmation")
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        found = {each.name: each for each in collector.spans()}
        (sent, *_more) = collector.taken.received

    assert sent.path == "/v1/traces"
    assert sent.headers["api-key"] == "k"
    assert {each.trace for each in found.values()} == {REQUEST}
    assert found["POST confirmation"].span == FIRST
    assert found["POST confirmation"].parent == ""
    assert found["step"].parent == FIRST
    assert found["Stripe"].parent == found["step"].span
    assert found["step"].attributes == {"todoku.reference": "261122-AAAAAA"}


def test_a_failure_is_told_by_its_class_alone() -> None:
    with collected() as collector:
        with pytest.raises(ValueError, match="hanako"), span("step"):
            raise ValueError("hanako@customer.example")  # noqa: EM101
        (sent,) = collector.spans()

    assert sent.failed
    assert sent.attributes == {"error.type": "ValueError"}
    assert b"hanako" not in collector.taken.received[0].body


def test_the_rate_is_decided_by_the_id_so_that_all_processes_agree() -> None:
    with collected(rate=0.5) as collector:
        for request_id in ("1" * 15 + "0" * 17, "f" * 32):
            for _process in range(2):
                with bound(request_id=request_id), span("step"):
                    pass
        traces = [each.trace for each in collector.spans()]

    assert traces == ["1" * 15 + "0" * 17] * 2


@pytest.mark.django_db
def test_a_page_is_a_span_that_names_its_route_and_not_its_address() -> None:
    with collected() as collector:
        answer = Client().get("/missing/eyJ-a-token/")
        (sent,) = collector.spans()

    assert sent.name == "GET checkout:shortage"
    assert sent.trace == answer.headers["X-Request-ID"]
    assert sent.attributes == {"http.response.status_code": answer.status_code}
    assert b"eyJ-a-token" not in collector.taken.received[0].body
