"""Execute a request that was read, and say what came of it."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import execute_sync

from api.documents import Checked, check, text_of
from api.errors import Fault, RequestRefused
from api.limits import check_cost, cost_of
from api.schema import CORE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """A request: a checked document, its variables and what it costs."""

    text: str
    checked: Checked
    variables: dict[str, Any]
    operation_name: str | None
    cost: int
    schema: GraphQLSchema = CORE


def read(payload: Any, schema: GraphQLSchema = CORE) -> Asked:
    """Return what a request asks for. Raises GraphQLError, RequestRefused with a code.

    The limits are checked before anything is executed.
    """
    if isinstance(payload, list):
        message = "Send one operation a request; lists of operations are not accepted."
        raise RequestRefused(Fault.BATCH, message)
    if not isinstance(payload, dict):
        raise RequestRefused(Fault.NOT_AN_OBJECT, "The body must be a JSON object.")
    variables = payload.get("variables") or {}
    name = payload.get("operationName")
    if not isinstance(variables, dict) or not isinstance(name, str | None):
        message = "`variables` must be an object, `operationName` a text."
        raise RequestRefused(Fault.NOT_AN_OBJECT, message)
    if not is_storable(payload):
        message = "Text with U+0000 or half a surrogate pair is not accepted."
        raise RequestRefused(Fault.NUL, message)
    text = text_of(payload, schema)
    checked = check(text, schema)
    if checked.document is None:
        raise Invalid(checked.errors)
    cost = cost_of(checked.document, schema, variables)
    check_cost(cost)
    return Asked(text, checked, variables, name, cost, schema)


class Invalid(GraphQLError):
    """The document is not valid; ``found`` are all its errors."""

    def __init__(self, found: tuple[GraphQLError, ...]) -> None:
        super().__init__("the document is not valid")
        self.found = found


def is_storable(value: Any) -> bool:
    """Return whether PostgreSQL can store and compare every text inside."""
    if isinstance(value, dict):
        pairs = value.items()
        return all(is_storable(key) and is_storable(each) for key, each in pairs)
    if isinstance(value, list):
        return all(is_storable(each) for each in value)
    return not isinstance(value, str) or is_text(value)


def is_text(value: str) -> bool:
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def execute(asked: Asked, context: object, root: Any = None) -> dict[str, Any]:
    """Return the answer as GraphQL says it: data, and errors if there are any.

    ``context`` is what the schema's resolvers are given.
    """
    document = asked.checked.document
    if document is None:
        raise Invalid(asked.checked.errors)
    result = execute_sync(
        asked.schema,
        document,
        root_value=root,
        context_value=context,
        variable_values=asked.variables,
        operation_name=asked.operation_name,
        hide_suggestions=not settings.API_INTROSPECTION,
    )
    return answer_of(result)


def answer_of(result: ExecutionResult) -> dict[str, Any]:
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [described(error) for error in result.errors]
    return answer


def described(error: GraphQLError) -> dict[str, Any]:
    """Return an error as clients may read it: of what is ours, nothing inside."""
    original = error.original_error
    is_known = original is None or isinstance(original, GraphQLError)
    # Without a path nothing was resolved yet: a literal was refused by its own type.
    if error.path is not None and not is_known:
        # Logged with its trace; it may contain data of customers.
        logger.error("a resolver failed at %s", error.path, exc_info=original)
        hidden = GraphQLError(
            _("Something went wrong on our side."),
            path=error.path,
            nodes=error.nodes,
            extensions={"code": "INTERNAL"},
        )
        return dict(hidden.formatted)
    formatted: dict[str, Any] = dict(error.formatted)
    refusal = original if isinstance(original, GraphQLError) else error
    code = refusal.extensions or {}
    formatted["extensions"] = {"code": "INVALID", **code}
    return formatted
