"""Stripe's events, as webhooks and as the list of all events."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from checkout.payments.gateway import ProviderNotice

if TYPE_CHECKING:
    import stripe

_Answer = TypeVar("_Answer")


class StripeEvents:
    """See Gateway.notices_since."""

    _client: "stripe.StripeClient"

    def notices_since(self, moment: datetime) -> Iterator[ProviderNotice]:
        created = {"gte": int(moment.timestamp())}
        params: Any = {"created": created, "limit": 100}
        page = self._ask(lambda: self._client.v1.events.list(params))
        rest = page.auto_paging_iter()
        # Each page is a call, which may raise.
        while (event := self._ask(lambda: next(rest, None))) is not None:
            yield notice_of(event)

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        raise NotImplementedError


def notice_of(event: "stripe.Event") -> ProviderNotice:
    """Return what an event is about: its object, and the intent if it has one."""
    thing: Any = event.data.object
    if getattr(thing, "object", "") == "payment_intent":
        intent_id = thing.id
    else:
        intent_id = getattr(thing, "payment_intent", None) or ""
    object_id = getattr(thing, "id", None) or ""
    return ProviderNotice(event.id, event.type, str(intent_id), str(object_id))
