"""A collector on this machine, and the spans that it was sent by OTLP over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from shop.traces import spans
from shop.traces.exporter import start
from tests.support.receiver import Receiver, receiver


@dataclass(frozen=True)
class Sent:
    """One span, with ids as hexadecimal digits."""

    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]
    failed: bool


class Collector:
    def __init__(self, taken: Receiver, provider: Any) -> None:
        self.taken = taken
        self._provider = provider

    def spans(self) -> list[Sent]:
        """Return all spans that have ended, in the order of their ends."""
        self._provider.force_flush()
        return [span for each in self.taken.received for span in read(each.body)]


def read(body: bytes) -> Iterator[Sent]:
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Sent(
                    name=span.name,
                    trace=span.trace_id.hex(),
                    span=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    attributes={
                        each.key: each.value.string_value or each.value.int_value
                        for each in span.attributes
                    },
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                )


@contextmanager
def collected(rate: float = 1.0) -> Iterator[Collector]:
    """Send the spans of this process to a collector until the end of the block."""
    with receiver() as taken:
        provider = start(taken.url, {"api-key": "k"}, rate, "local")
        try:
            yield Collector(taken, provider)
        finally:
            spans.switch(None)
            provider.shutdown()
