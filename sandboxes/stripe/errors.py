"""Error answers of the API: one class per cause, each with its body."""

from typing import Any

Fields = dict[str, Any]
_DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """An error answer.

    ``stored`` says whether the answer is kept under the idempotency key: it is once
    execution began, it is not for a failed validation. ``commits`` says whether what
    the operation wrote before raising is kept (a decline writes a failed charge).
    """

    status = 400
    type = "invalid_request_error"
    stored = False
    commits = False

    def __init__(self, *, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.fields: Fields = fields

    def body(self) -> Fields:
        error: Fields = {"message": str(self), "type": self.type}
        code = self.fields.get("code")
        if code:
            error["doc_url"] = _DOCS + str(code).replace("_", "-")
        error.update(
            {name: value for name, value in self.fields.items() if value is not None}
        )
        return error


class InvalidRequest(ApiError):
    """The parameters are wrong. Nothing was changed."""


class NotFound(ApiError):
    status = 404


class AuthenticationFailed(ApiError):
    status = 401


class Forbidden(ApiError):
    status = 403


class Conflict(ApiError):
    status = 409


class KeyMisused(ApiError):
    """The same idempotency key with another request."""

    type = "idempotency_error"


class StateConflict(ApiError):
    """The object's state does not allow this. The error is stored under the key."""

    stored = True


class CardDeclined(ApiError):
    """The bank or the risk check declined. Stored, with what was written."""

    status = 402
    type = "card_error"
    stored = True
    commits = True


class CardRejected(ApiError):
    """A card that is not sent to a bank: wrong number, or expired."""

    status = 402
    type = "card_error"


class AuthenticationRequired(CardDeclined):
    """``error_on_requires_action``: the bank asks for the customer, who is absent."""


def missing_resource(*, noun: str, identifier: str, param: str | None) -> NotFound:
    return NotFound(
        message=f"No such {noun}: '{identifier}'", code="resource_missing", param=param
    )


def unexpected_state(*, message: str, intent: Fields) -> StateConflict:
    """Return the error with the intent, so that a caller can read its status."""
    return StateConflict(
        message=message, code="payment_intent_unexpected_state", payment_intent=intent
    )
