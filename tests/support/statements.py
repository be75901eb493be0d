"""Let something happen between two statements of the code under test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def before_first_update(act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` after the block has read, right before its first UPDATE.

    Fails if the block updates nothing: then ``act`` was never called.
    """
    called: list[str] = []

    def call_first(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if sql.startswith("UPDATE") and not called:
            called.append(sql)
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(call_first):
        yield
    assert called
