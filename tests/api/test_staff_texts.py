"""Whatever a program of staff sends, it is answered in words, on both databases."""

import json
import re

import pytest
from django.contrib.auth.models import User

from backoffice.tokens.scopes import Scope
from checkout.payments.fake.gateway import FakeGateway
from inventory.services import receive
from tests.api.staff_documents import FIELDS, NUMBER
from tests.support.refunding import make_charged_order
from tests.support.staff_api import Program

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TEXTS = ("x" * 5000, "ß" * 255, "\U00020bb7" * 200, "a\0b", "\ud800", "", " ")
NUMBERS = (2**31 - 1, -(2**31), 2**31, 2**63, 0)


def variants(document: str) -> list[str]:
    """Return the document with each of its texts and numbers replaced in turn."""
    found = []
    for match in re.finditer(r'"[^"]*"|(?<![\w-])-?\d+(?![\w-])', document):
        is_text = match[0].startswith('"')
        for other in TEXTS if is_text else NUMBERS:
            new = json.dumps(other)
            found.append(document[: match.start()] + new + document[match.end() :])
    return found


@pytest.mark.parametrize(
    "name", [name for name, row in FIELDS.items() if '"' in row[2]]
)
def test_no_text_or_number_of_a_program_is_an_error_of_ours(
    gateway: FakeGateway, name: str
) -> None:
    """Where the number of an order stays, it is one that can be acted on."""
    order = make_charged_order()
    receive("MUG", 10, "first delivery")
    owner = User.objects.create_superuser("erp")
    erp = Program(owner, *Scope)
    document = FIELDS[name][2].replace(NUMBER, order.number)
    tried = variants(document)
    assert len(tried) >= len(TEXTS)

    for each in tried:
        answer = erp.send(each)
        assert answer.status_code < 500, each[:200]
        codes = [one["extensions"]["code"] for one in answer.json().get("errors", [])]
        assert not {"INTERNAL", "TOO_FAST"} & {*codes}, each[:200]
