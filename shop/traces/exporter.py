"""Send spans by OTLP over HTTP. Imports OpenTelemetry, so only where it is set up.

A trace has the id of its request, which the saga keeps. So a worker continues it
without anything in a message: the first span of a request has the last 16 digits of the
id as its own, and all other processes name that one as their parent.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace import Span as OpenSpan

from shop.logs.context import current_request_id, fields
from shop.logs.privacy import clean
from shop.traces import spans
from shop.traces.spans import Kind, Span

SERVICE = "todoku"
TIMEOUT = 5.0  # seconds for the collector; it is asked by a thread of its own
_KINDS = {
    Kind.REQUEST: SpanKind.SERVER,
    Kind.CALL: SpanKind.CLIENT,
    Kind.WORK: SpanKind.INTERNAL,
}
_SPAN_DIGITS = 16

_begins_trace: ContextVar[bool] = ContextVar("begins_trace", default=False)


class _Ids(IdGenerator):
    """Ids of the trace and of its first span from the request's, others at random."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        request_id = current_request_id()
        return int(request_id, 16) if request_id else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        request_id = current_request_id()
        if request_id and _begins_trace.get():
            return _first_span(request_id)
        return self._random.generate_span_id()


class _Open:
    """A span of OpenTelemetry."""

    def __init__(self, span: OpenSpan) -> None:
        self._span = span

    def describe(self, name: str, **attributes: str | int) -> None:
        self._span.update_name(name)
        self._span.set_attributes(attributes)


def start(
    endpoint: str, headers: Mapping[str, str], rate: float, environment: str
) -> TracerProvider:
    """Send from now on ``rate`` of all traces, 0 to 1, to the collector.

    The rate is decided by the id, so all processes keep the same traces. The provider
    is returned for tests; at the end of the process it sends what is left.
    """
    about = {"service.name": SERVICE, "deployment.environment.name": environment}
    provider = TracerProvider(
        sampler=TraceIdRatioBased(rate),
        resource=Resource.create(about),
        id_generator=_Ids(),
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces",
        headers=dict(headers),
        timeout=TIMEOUT,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer(SERVICE)

    @contextmanager
    def begin(name: str, kind: Kind) -> Iterator[Span]:
        token = _begins_trace.set(kind is Kind.REQUEST)
        made = tracer.start_span(name, _parent(kind), _KINDS[kind], _attributes())
        _begins_trace.reset(token)
        with _current(made):
            yield _Open(made)

    spans.switch(begin)
    return provider


@contextmanager
def _current(span: OpenSpan) -> Iterator[None]:
    """Make the span the present one; end it, with the class of what was raised.

    The text of an error is in the log. Here nobody needs it.
    """
    with use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR))
            span.set_attribute("error.type", type(error).__name__)
            raise


def _parent(kind: Kind) -> Context | None:
    """Return where the span belongs; None means the present span of this thread."""
    request_id = current_request_id()
    if kind is Kind.REQUEST:
        return Context()
    present = get_current_span().get_span_context()
    if not request_id:
        return None if present.is_valid else Context()
    if present.is_valid and present.trace_id == int(request_id, 16):
        return None
    first = SpanContext(
        trace_id=int(request_id, 16),
        span_id=_first_span(request_id),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return set_span_in_context(NonRecordingSpan(first), Context())


def _first_span(request_id: str) -> int:
    return int(request_id[-_SPAN_DIGITS:], 16) or 1


def _attributes() -> dict[str, str | int]:
    """Return what the lines of the log are bound to."""
    return {
        f"todoku.{name}": clean(value) if isinstance(value, str) else value
        for name, value in fields().items()
        if name != "request_id"
    }
