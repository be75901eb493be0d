"""Stripe's events, as webhooks and as the list of all events."""

import json
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from checkout.payments.gateway import (
    ProviderNotice,
    ThinEvent,
    UnreadableWebhook,
)
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.stripe import signature as signatures
from checkout.payments.stripe.lists import StripeLists

# https://docs.stripe.com/event-destinations#events-overview
_THIN = "v2.core.event"
_NAMELESS = "without a readable id"
_LIVE_KEYS = ("sk_live_", "rk_live_")


class StripeEvents(StripeLists):
    """See Gateway.notices_since and Gateway.read_notice."""

    def notices_since(self, moment: datetime) -> Iterator[ProviderNotice]:
        since = {"gte": int(moment.timestamp())}
        for page in self._pages("/v1/events", "event", created=since):
            yield from map(_listed, page)

    def read_notice(self, body: bytes, signature: str) -> ProviderNotice:
        # Several at once: an endpoint's secret is rolled without losing a report.
        signatures.verify(body, signature, settings.STRIPE_WEBHOOK_SECRETS)
        try:
            event = ProviderObject(_parsed(body), "event")
            if event.code("object") == _THIN:
                message = (
                    "the webhook carries a thin event (v2): the endpoint at Stripe "
                    "must send snapshot events"
                )
                raise ThinEvent(message)
            return notice_of(event)
        except Unreadable as error:
            message = f"the webhook is signed and cannot be read: {error}"
            raise UnreadableWebhook(message) from error


def notice_of(event: ProviderObject) -> ProviderNotice:
    """Return what an event is about: its object, and the intent if it has one.

    Raises Unreadable.
    """
    event_id, kind = event.identifier(), event.identifier("type")
    if not event.inner("data").inner("object"):
        message = f"{event.what}.data.object is missing"
        raise Unreadable(message)
    thing = event.inner("data").inner("object")
    is_intent = thing.code("object") == "payment_intent"
    intent_id = thing.optional_identifier("id" if is_intent else "payment_intent")
    is_live = event.flag("livemode")
    return ProviderNotice(
        event_id,
        kind,
        intent_id,
        thing.optional_identifier("id"),
        account=event.optional_identifier("account"),
        own_mode=is_live is None or is_live == _has_live_key(),
    )


def _listed(event: ProviderObject) -> ProviderNotice:
    """Return what an event is about, or why that cannot be read."""
    try:
        return notice_of(event)
    except Unreadable as error:
        name = event.optional_text("id") or _NAMELESS
        kind = event.optional_text("type")
        return ProviderNotice(name, kind, "", unreadable=str(error))


def _has_live_key() -> bool:
    key: str = settings.STRIPE_SECRET_KEY
    return key.startswith(_LIVE_KEYS)


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body.decode())
    except RecursionError as error:
        message = "it is nested too deeply"
        raise Unreadable(message) from error
    except ValueError as error:
        message = "it is no JSON in UTF-8"
        raise Unreadable(message) from error
