"""Why a request with a token is not answered. ``sentence`` is for the program's log."""

from typing import ClassVar


class TokenRefused(Exception):
    """Base of the refusals of a token as a whole."""

    sentence: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(self.sentence)


class TokenUnknown(TokenRefused):
    sentence = "There is no such token. Make one in the admin, at Settings, API tokens."


class TokenExpired(TokenRefused):
    sentence = "The token has expired. Make a new one in the admin."


class TokenRevoked(TokenRefused):
    sentence = "The token was revoked. Make a new one in the admin."


class OwnerInactive(TokenRefused):
    sentence = "The token acts as somebody who is no longer a member of staff."
