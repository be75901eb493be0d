"""Errors of requests that no correct client sends.

What a customer can cause is no error but an answer of its own type (api/refusals.py).
"""

import enum

from graphql import GraphQLError


class Fault(enum.StrEnum):
    """What is wrong with a request; ``errors[].extensions.code`` of its answer."""

    BATCH = "BATCH"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    CONTENT_TYPE = "CONTENT_TYPE"
    CSRF = "CSRF"
    CURSOR = "CURSOR"
    METHOD = "METHOD"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    NOT_JSON = "NOT_JSON"
    NOT_SIGNED_IN = "NOT_SIGNED_IN"
    NO_STREAM = "NO_STREAM"
    NUL = "NUL"
    PAGE_SIZE = "PAGE_SIZE"
    PERMISSION_MISSING = "PERMISSION_MISSING"
    PERSISTED_QUERY_INVALID = "PERSISTED_QUERY_INVALID"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    QUERY_MISSING = "QUERY_MISSING"
    SCOPE_MISSING = "SCOPE_MISSING"
    SUBSCRIPTION = "SUBSCRIPTION"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 (a code)
    TOKEN_MISSING = "TOKEN_MISSING"  # noqa: S105
    TOKEN_OWNER_INACTIVE = "TOKEN_OWNER_INACTIVE"  # noqa: S105
    TOKEN_REVOKED = "TOKEN_REVOKED"  # noqa: S105
    TOKEN_UNKNOWN = "TOKEN_UNKNOWN"  # noqa: S105
    TOO_DEEP = "TOO_DEEP"
    TOO_EXPENSIVE = "TOO_EXPENSIVE"
    TOO_FAST = "TOO_FAST"
    TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"


class RequestRefused(GraphQLError):
    """The request as a whole is refused. ``message`` says what the client must mend."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message, extensions={"code": fault.value})
