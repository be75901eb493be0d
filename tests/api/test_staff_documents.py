"""The reference of scopes, and the documents of the guide, are what the code serves."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from graphql import parse, validate

from api.staff.schema import CORE
from backoffice.tokens.scopes import PERMISSIONS, Scope
from tests.api.staff_documents import FIELDS

DOCS = Path(settings.BASE_DIR) / "docs"
# Needed by a field of orders, wherever they are read.
INSIDE = {Scope.CUSTOMERS_READ: ["Order.recipient"]}


def rows() -> Iterator[str]:
    for scope in Scope:
        fields = [name for name, row in FIELDS.items() if row[0] == scope]
        named = [f"`{name}`" for name in [*INSIDE.get(scope, []), *fields]]
        allowed = ", ".join(f"`{one}`" for one in PERMISSIONS[scope])
        yield f"| `{scope.value}` | {allowed} | {', '.join(named)} |"


def test_the_reference_has_every_scope_with_its_fields_and_permissions() -> None:
    page = (DOCS / "reference" / "scopes.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| `.*$", page) == list(rows())


def test_the_documents_of_the_guide_fit_the_schema() -> None:
    page = (DOCS / "how-to" / "staff-api.md").read_text(encoding="utf-8")
    documents = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    documents += re.findall(r'"query": "(.*?)"}', page)
    assert len(documents) == 4
    assert [validate(CORE, parse(each)) for each in documents] == [[]] * 4
