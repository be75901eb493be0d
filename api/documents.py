"""Documents that were sent: parsed and checked once, and named by their hash.

https://github.com/apollographql/apollo-link-persisted-queries says how a client sends
the hash alone, and the whole text if the server does not know it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import recommended_rules
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping

from api.errors import Fault, RequestRefused
from api.limits import MOST_TOKENS, check_structure
from api.schema import CORE

KEPT_DOCUMENTS = 200  # a process
_KEPT_SECONDS = 86_400.0
_MOST_ERRORS = 5
# Of the same field many times: graphql-core's own limit lets a text take seconds.
overlapping.MAX_COMPLEXITY_BUDGET = 50_000


@dataclass(frozen=True)
class Checked:
    """A document that is valid and within the limits, or its errors."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    @property
    def operation(self) -> str:
        """Return query, mutation or subscription."""
        nodes = self.document.definitions if self.document else ()
        found = (each for each in nodes if isinstance(each, OperationDefinitionNode))
        return next((each.operation.value for each in found), "")


def check(text: str, schema: GraphQLSchema = CORE) -> Checked:
    """Return the document, or why it is not executed. Each text is checked once."""
    return _check(text, schema, bool(settings.API_INTROSPECTION))


@lru_cache(maxsize=KEPT_DOCUMENTS)
def _check(text: str, schema: GraphQLSchema, may_introspect: bool) -> Checked:
    try:
        document = parse(text, max_tokens=MOST_TOKENS, no_location=False)
        rules = [*specified_rules, *recommended_rules]
        if not may_introspect:
            rules.append(NoSchemaIntrospectionCustomRule)
        errors = validate(
            schema,
            document,
            rules,
            max_errors=_MOST_ERRORS,
            # Suggestions tell the fields of a schema that is not to be read.
            hide_suggestions=not may_introspect,
        )
        if errors:
            return Checked(None, tuple(errors))
        check_structure(document)
    except GraphQLError as error:
        return Checked(None, (error,))
    except RecursionError:
        return Checked(
            None, (RequestRefused(Fault.TOO_DEEP, "It is nested too deeply."),)
        )
    return Checked(document)


def text_of(payload: dict[str, Any], schema: GraphQLSchema = CORE) -> str:
    """Return the text of the document that a request names or contains.

    Raises RequestRefused. A text that comes with its hash is kept by this process.
    """
    text = payload.get("query")
    extensions = payload.get("extensions")
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None:
        if not isinstance(text, str) or not text.strip():
            message = "Send the document as the text `query`."
            raise RequestRefused(Fault.QUERY_MISSING, message)
        return text
    key = named.get("sha256Hash") if isinstance(named, dict) else None
    if not isinstance(key, str) or len(key) != hashlib.sha256().digest_size * 2:
        message = "`persistedQuery.sha256Hash` must be 64 hexadecimal digits."
        raise RequestRefused(Fault.PERSISTED_QUERY_INVALID, message)
    if text is None:
        return _kept(key)
    if not isinstance(text, str) or not _has_hash(text, key):
        message = "The hash is not that of `query`."
        raise RequestRefused(Fault.PERSISTED_QUERY_INVALID, message)
    if check(text, schema).document is not None:
        caches["pages"].set(_name(key), text, _KEPT_SECONDS)
    return text


def _kept(key: str) -> str:
    text: str | None = caches["pages"].get(_name(key))
    if text is None:
        raise RequestRefused(Fault.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
    return text


def _has_hash(text: str, key: str) -> bool:
    found = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    return hmac.compare_digest(found, key.lower().encode("ascii", "replace").decode())


def _name(key: str) -> str:
    digest = hashlib.sha256(key.lower().encode(errors="replace")).hexdigest()
    return f"api-document:{digest}"
