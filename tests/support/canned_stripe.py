"""StripeGateway with the real SDK, whose answers are made by a test."""
# ruff: noqa: ARG002 (the SDK decides what its client is given)

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import stripe
from pytest_django.fixtures import Settings

from checkout.payments.gateway import get_gateway
from checkout.payments.stripe.gateway import StripeGateway

# Path -> status and body. Bytes are sent as they are.
Answer = tuple[int, object]
Answers = Callable[[str], Answer]


def always(status: int, body: object) -> Answers:
    return lambda _path: (status, body)


class CannedClient(stripe.HTTPClient):
    """An HTTP client without a network."""

    name = "canned"

    def __init__(self) -> None:
        super().__init__()
        self.answers: Answers = always(500, {"error": {}})
        # Of the last call, with its query.
        self.url = ""

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        self.url = url
        status, body = self.answers(urlsplit(url).path)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        # The SDK's type says text; its own clients return bytes.
        return cast("str", raw), status, {"request-id": "req_".ljust(255, "x")}

    def close(self) -> None:
        """There is nothing to close."""


class CannedGateway(StripeGateway):
    """See StripeGateway. ``client.answers`` makes the answers."""

    def __init__(self) -> None:
        super().__init__()
        self.client = CannedClient()
        self._client = stripe.StripeClient("sk_test_canned", http_client=self.client)
        self._intents = self._client.v1.payment_intents


class CannedList:
    """A list of Stripe's, newest first, given out page by page."""

    def __init__(self, things: list[dict[str, Any]], *, of_page: int) -> None:
        self.things = things
        self._of_page = of_page

    def answer(self, url: str) -> Answer:
        """Return the page that ``url`` asks for."""
        asked = parse_qs(urlsplit(url).query)
        names = [thing["id"] for thing in self.things]
        after = asked.get("starting_after")
        start = names.index(after[0]) + 1 if after else 0
        end = start + self._of_page
        has_more = end < len(names)
        page = {"object": "list", "data": self.things[start:end], "has_more": has_more}
        return 200, page


@contextmanager
def canned_gateway(settings: Settings) -> Iterator[CannedGateway]:
    """Let the shop use a CannedGateway."""
    settings.PAYMENT_GATEWAY = f"{__name__}.CannedGateway"
    get_gateway.cache_clear()
    yield cast("CannedGateway", get_gateway())
    get_gateway.cache_clear()
