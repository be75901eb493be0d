"""What a web server that keeps streams is to a view."""

from typing import Any

from shop.web.event_streams import KEEPER


class Keeper:
    def __init__(self, *, has_room: bool = True) -> None:
        self.is_roomy = has_room
        self.clients: list[str] = []  # for whom room was asked

    def has_room(self, client: str) -> bool:
        self.clients.append(client)
        return self.is_roomy


def keeping(keeper: Keeper | None = None) -> dict[str, Any]:
    """Return what to give to Django's test client, as further keywords."""
    return {KEEPER: keeper or Keeper()}
