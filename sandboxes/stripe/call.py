"""One call of the API, as operations get it."""

from dataclasses import dataclass, field
from typing import Any

from sandboxes.stripe.clock import Clock
from sandboxes.stripe.errors import missing_resource
from sandboxes.stripe.store import Object, Store


@dataclass
class Settings:
    """The options of the process; port 0 is replaced by the port it got."""

    host: str
    port: int
    webhook_url: str
    webhook_secret: str
    webhook_backoff: float = 1.0
    settle_seconds: int = 3
    search_lag: int = 1

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"


@dataclass(frozen=True)
class Call:
    """The parameters and the context of one operation, within one transaction."""

    store: Store
    clock: Clock
    settings: Settings
    params: dict[str, Any] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None
    publishable: bool = False

    def find(self, kind: str, identifier: str, param: str | None = None) -> Object:
        """Return the object. Raises ``resource_missing`` with Stripe's message."""
        found = self.store.get(identifier, kind)
        if found is None:
            noun = _NOUNS.get(kind, kind)
            raise missing_resource(
                noun=noun, identifier=identifier, param=param or _PARAMS.get(kind)
            )
        return found


_NOUNS = {
    "payment_method": "PaymentMethod",
    "confirmation_token": "confirmation token",
    "checkout.session": "checkout.session",
}
_PARAMS = {"payment_intent": "intent"}
