"""Stripe's Checkout Sessions: a part of StripeGateway."""

from collections.abc import Callable
from typing import TypeVar

import stripe
from stripe.params.checkout import SessionCreateParams

from checkout.payments.payment_pages import PageRequest, PageStatus, ProviderPage
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.stripe.calls import read
from shop.countries import JAPAN

_Answer = TypeVar("_Answer")


class StripePaymentPages:
    """See PaymentPages."""

    _client: stripe.StripeClient

    def open_page(self, request: PageRequest, key: str) -> ProviderPage:
        metadata = metadata_of(request.order, request.country)
        params: SessionCreateParams = {
            "mode": "payment",
            # Cash at a store could not be voided while the customer may still pay it.
            "allowed_payment_method_types": ["card"],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": request.amount,
                        "product_data": {"name": request.label},
                    },
                }
            ],
            "payment_intent_data": {"capture_method": "manual", "metadata": metadata},
            "metadata": metadata,
            "client_reference_id": request.order,
            "expires_at": int(request.expires_at.timestamp()),
            "success_url": request.success_url,
            "cancel_url": request.back_url,
            "locale": "ja" if request.language == "ja" else "en",
        }
        if request.email:
            params["customer_email"] = request.email
        return self._read_page(
            lambda: self._client.v1.checkout.sessions.create(
                params, {"idempotency_key": key}
            )
        )

    def read_page(self, page_id: str) -> ProviderPage:
        return self._read_page(
            lambda: self._client.v1.checkout.sessions.retrieve(page_id)
        )

    def close_page(self, page_id: str, key: str) -> ProviderPage:
        return self._read_page(
            lambda: self._client.v1.checkout.sessions.expire(
                page_id, {}, {"idempotency_key": key}
            )
        )

    def _read_page(self, call: Callable[[], stripe.checkout.Session]) -> ProviderPage:
        return read(self._ask(call), "checkout.session", read_payment_page)

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        """Make one call; raise the gateway's error in place of each of Stripe's."""
        raise NotImplementedError


def metadata_of(order: str, country: str) -> dict[str, str]:
    """Return what Stripe keeps with the payment; Radar's rules can read it.

    The country of an order never changes, so that a call repeated under its key has the
    same parameters. The address can, and is not sent.
    """
    abroad = {"country": country} if country != JAPAN else {}
    return {"order": order} | abroad


def read_payment_page(found: ProviderObject) -> ProviderPage:
    """Return the page. Raises Unreadable."""
    status = found.one_of("status", PageStatus, None)
    expires_at = found.moment("expires_at")
    if expires_at is None:
        message = f"{found.what}.expires_at is missing"
        raise Unreadable(message)
    url, intent_id = found.url("url"), found.optional_identifier("payment_intent")
    if status is PageStatus.OPEN and not url:
        message = f"{found.what}.url is no address of a page"
        raise Unreadable(message)
    if status is PageStatus.COMPLETE and not intent_id:
        message = f"{found.what}.payment_intent is missing"
        raise Unreadable(message)
    return ProviderPage(found.identifier(), status, url, intent_id, expires_at)
