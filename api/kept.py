"""Answers about goods, the same for everybody, kept as the guests' pages are.

A query that asks for goods alone depends on its text, its variables and the language.
Its answer is made once for all who ask within ``GUEST_PAGE_SECONDS``, and again as soon
as anything in the shop window changes (docs/adr/0029).
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from graphql import FieldNode, OperationDefinitionNode

from api.execution import Asked
from shop.catalogue.window import read_stamp
from shop.page_cache.page import Page
from shop.page_cache.store import PAGES

# Fields that read tables with ``InShopWindow``, the stock, and nothing of a visitor.
_FOR_ALL = {"products", "product", "categories", "__typename"}

Write = Callable[[dict[str, Any]], HttpResponse]


class _Failed(Exception):
    """The answer has errors: it is not kept."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("an answer with errors")
        self.answer = answer


def is_for_all(asked: Asked) -> bool:
    """Return whether the answer is the same for everybody who asks."""
    nodes = asked.checked.document.definitions if asked.checked.document else ()
    for node in nodes:
        if isinstance(node, OperationDefinitionNode):
            fields = node.selection_set.selections
            names = [
                each.name.value if isinstance(each, FieldNode) else ""
                for each in fields
            ]
            return node.operation.value == "query" and {*names} <= _FOR_ALL
    return False


def respond(
    request: HttpRequest, asked: Asked, make: Callable[[], dict[str, Any]], write: Write
) -> HttpResponse:
    """Return the kept response, or what ``write`` makes of the answer of ``make``."""
    version, stamp = read_stamp()
    if version is None:
        return write(make())
    # Of one size, however much a client sends: the store counts the answers alone.
    asked_for = [asked.text, asked.variables, asked.operation_name]
    sent = json.dumps([*asked_for, request.headers.get("Accept", "")], sort_keys=True)
    digest = hashlib.sha256(sent.encode()).hexdigest()
    key = ("api", version, get_language(), digest)

    def page() -> Page:
        answer = make()
        if "errors" in answer:
            raise _Failed(answer)
        return Page.of(write(answer), request)

    try:
        return PAGES.get(key, page, stamp).answer(request)
    except _Failed as failure:
        return write(failure.answer)
