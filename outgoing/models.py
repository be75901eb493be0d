"""The models of the rooms, where Django looks for them."""

from outgoing.webhooks.models import Attempt, Endpoint, EndpointSecret

__all__ = ["Attempt", "Endpoint", "EndpointSecret"]
