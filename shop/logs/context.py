"""What the lines of this thread are about: a request, a saga, its step.

The engine and the middleware bind it, the formatters read it. Each thread has its own.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

# Name of the field -> its value. In this order they are written.
FIELDS = (
    "request_id",
    "cause",
    "reference",
    "definition",
    "saga",
    "step",
    "attempt",
    "outcome",
)
Value = str | int

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Value]] = ContextVar("log_fields", default=_NOTHING)

# The form of trace ids, too: https://www.w3.org/TR/trace-context/#trace-id
_ID = re.compile(r"[0-9a-f]{32}")
_ID_BYTES = 16
_NO_TRACE = "0" * 32


def fields() -> Mapping[str, Value]:
    """Return what is bound in this thread."""
    return _bound.get()


@contextmanager
def bound(**values: Value) -> Iterator[None]:
    """Let the lines of this block have these fields, too. Empty ones are left out."""
    kept = {name: value for name, value in values.items() if value != ""}
    token = _bound.set({**_bound.get(), **kept})
    try:
        yield
    finally:
        _bound.reset(token)


@contextmanager
def bound_to_origin(request_id: str) -> Iterator[None]:
    """Bind the request in which something began that goes on here.

    If another request led to this moment, a webhook's for instance, the lines name that
    one as their ``cause``. Nothing changes if ``request_id`` is empty.
    """
    now = current_request_id()
    if not request_id or request_id == now:
        yield
        return
    with bound(request_id=request_id, cause=now):
        yield


def current_request_id() -> str:
    """Return the id of the request that this thread works for, or ""."""
    return str(_bound.get().get("request_id", ""))


def new_request_id() -> str:
    return secrets.token_hex(_ID_BYTES)


def read_request_id(text: object) -> str:
    """Return an id as it is written here, or "" if ``text`` is none.

    It has 32 hexadecimal digits; a UUID with its hyphens is one as well.
    """
    if not isinstance(text, str):
        return ""
    plain = text.strip().lower()
    if len(plain) == len("00000000-0000-0000-0000-000000000000"):
        plain = plain.replace("-", "")
    return plain if _ID.fullmatch(plain) and plain != _NO_TRACE else ""
