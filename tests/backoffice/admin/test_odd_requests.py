"""Addresses that nobody's page makes: keys that are none, and filters of no column."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

STALLED = "/admin/backoffice/stalledorder/"
MISMATCHES = "/admin/checkout/mismatch/"
NO_KEYS = ["", "x", "-1", "\u0663", "\u00b2", "9" * 19, "9" * 400, "9" * 5000, "1" * 18]

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.mark.parametrize("key", NO_KEYS)
@pytest.mark.parametrize(
    ("page", "name"),
    [
        (f"{STALLED}progress/", "order"),
        (f"{STALLED}resume/", "order"),
        (f"{MISMATCHES}explain/", "mismatch"),
    ],
)
def test_a_key_that_is_none_chooses_nothing(
    admin: Client, page: str, name: str, key: str
) -> None:
    assert admin.get(page, {name: [key, key]}).status_code == 200
    form = {name: key, f"seen_{key[:20]}": f"{key}:{key}", "reason": "a", "note": "a"}
    assert admin.post(page, form).status_code in (302, 405)
    assert admin.post(page, {name: key}).status_code in (405, 422)


@pytest.mark.parametrize("query", ["=", "nothing=1", "=x", "id__in=x", "kind=\u0663"])
def test_an_export_with_an_odd_filter_leads_to_the_list(
    admin: Client, query: str
) -> None:
    answer = admin.get(f"{MISMATCHES}export/?{query}")
    assert answer.status_code in (200, 302, 400)
    if answer.status_code == 302:
        assert answer["Location"] == MISMATCHES
