"""Pages are counted by route and never by address."""

import pytest
from django.test import Client
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shop.metrics.pages import PAGES
from shop.page_cache.store import PAGES as KEPT_PAGES

pytestmark = pytest.mark.django_db


def counted() -> dict[tuple[str, str, str], float]:
    families = text_string_to_metric_families(generate_latest(PAGES).decode())
    return {
        (s.labels["route"], s.labels["method"], s.labels["status"]): s.value
        for family in families
        for s in family.samples
        if s.name == "todoku_http_requests_total"
    }


@pytest.mark.parametrize(
    ("method", "address", "key"),
    [
        ("GET", "/p/nothing-of-this-name/", ("catalogue:product", "GET", "4xx")),
        ("GET", "/orders/no-secret-of-an-order/", ("none", "GET", "4xx")),
        ("GET", "/admin/", ("admin", "GET", "3xx")),
        ("GET", "/livez", None),
        ("PURGE", "/admin/", ("admin", "other", "3xx")),
    ],
)
def test_a_request_is_counted_under_its_route(
    client: Client, method: str, address: str, key: tuple[str, str, str] | None
) -> None:
    # A page that another test has left would be answered without looking for a route.
    KEPT_PAGES.clear()
    before = counted()

    client.generic(method, address)

    after = counted()
    changed = {each for each in after if after[each] != before.get(each, 0)}
    assert changed == ({key} if key else set())
    assert not any(
        "nothing" in label or "secret" in label for k in after for label in k
    )
