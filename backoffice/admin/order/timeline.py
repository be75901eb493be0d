"""The timeline of an order: every try of a worker and every action of staff."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backoffice import wording
from backoffice.order_overview import OrderOverview
from checkout.flow.idempotency_keys import calls_of, key_of
from orders.models import PaymentAttempt
from saga.models import Attempt, Saga
from shop import formatting
from shop.text.redaction import COVER, redact_json, redact_text

# Stripe's id of a request, by which its dashboard finds the request.
_REQUEST = re.compile(r"\breq_\w+")


@dataclass(frozen=True)
class Try:
    """One row of the timeline. ``keys`` are the idempotency keys that it used."""

    attempt: Attempt
    title: str
    took: str
    error: str
    trace: str
    input: str
    output: str
    keys: list[str]
    requests: list[str]

    @property
    def is_act(self) -> bool:
        """Return whether staff did it."""
        return self.attempt.is_act

    @property
    def is_bad(self) -> bool:
        return self.attempt.outcome in ("failed", "lost", "refused")

    @property
    def has_details(self) -> bool:
        return bool(self.input or self.output or self.keys or self.requests)


def list_tries(
    overview: OrderOverview,
    attempts: Iterable[Attempt],
    cards: Iterable[PaymentAttempt],
) -> list[Try]:
    """Return the timeline, with secrets covered."""
    numbers = [card.number for card in cards]
    return [_try(overview, row, numbers) for row in attempts]


def list_tries_of_flow(attempts: Iterable[Attempt]) -> list[Try]:
    """Return the timeline of a saga of no order."""
    return [_try(None, row, []) for row in attempts]


def request_ids(sagas: Iterable[Saga]) -> list[str]:
    """Return what to search the log for, each once: docs/operations/logs.md."""
    return list(dict.fromkeys(saga.request_id for saga in sagas if saga.request_id))


def _try(overview: OrderOverview | None, row: Attempt, cards: list[int]) -> Try:
    output = redact_json(row.output, COVER)
    text = f"{row.error} {json.dumps(output)}"
    return Try(
        attempt=row,
        title=wording.step_title(row.step, "" if overview else row.saga.definition),
        took=formatting.duration(row.started_at, row.ended_at),
        error=redact_text(row.error, COVER),
        trace=redact_text(row.trace, COVER),
        input=_written(redact_json(row.input, COVER)),
        output=_written(output),
        keys=_keys(overview, row, cards) if overview and not row.is_act else [],
        requests=sorted(set(_REQUEST.findall(text))),
    )


def _keys(overview: OrderOverview, row: Attempt, cards: list[int]) -> list[str]:
    """Return the keys with which the try may have called the payment provider."""
    on_page = overview.payment.on_page
    calls = calls_of(row.step, row.direction, cards, on_page=on_page)
    return [key_of(overview.order.uid, call, row.number, row.fence) for call in calls]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
