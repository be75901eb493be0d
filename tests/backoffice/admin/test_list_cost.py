"""The list of orders stays fast with a million sagas, and reads by index."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.admin.lists.search import MOST, build_condition
from backoffice.models import StalledOrder
from orders.models import Order
from saga.models import Saga
from tests.saga.test_sweep_cost import only_on_postgresql
from tests.support.million_orders import fill, views
from tests.support.staff import make_staff

SAGAS = 1_000_000
# The newest sagas are those of orders; of the others the list reads nothing else.
ORDERS = 10_000
# The bar for all queries of a page, compared with the fastest of some requests: all
# others also waited for a processor that other tests had. benchmarks/staff_list.py
# measures whole pages, on a machine that does nothing else.
BAR_MS = 100.0
MOST_REQUESTS = 20
# Session, user, permissions (2), errors; an ID of Stripe; count, rows, sagas; the
# shop's name, the menu's badges, the time.
MOST_QUERIES = 12
LIST = "/admin/backoffice/stalledorder/"

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def million(db: None) -> None:
    """Create a million sagas, nearly all done, the newest of them of paid orders."""
    only_on_postgresql()
    fill(SAGAS, ORDERS)


def fastest(look: Callable[[], float]) -> float:
    """Return the first time within the bar, else the shortest of many."""
    times: list[float] = []
    while len(times) < MOST_REQUESTS and min(times, default=BAR_MS) >= BAR_MS:
        times.append(look())
    return min(times)


def of_the_database(act: Callable[[], object]) -> float:
    """Return the milliseconds that the queries of ``act`` took; they are few."""
    with CaptureQueriesContext(connection) as queries:
        act()
    assert len(queries) <= MOST_QUERIES, "\n".join(one["sql"][:110] for one in queries)
    return 1000 * sum(float(query["time"]) for query in queries)


def searches(order: Order) -> dict[str, str]:
    """Return what the search of all pages is asked, by name."""
    listed = {name: asked["q"] for name, asked in views(order).items() if "q" in asked}
    return {
        **listed,
        "by tail": order.number[7:],
        "by second name": order.name.split()[1],
        "by phone": "03-1234-5678",
        "by tracking number": "1234-5678-9012",
        "of nobody": "Nobody",
        "of everybody": "Customer",
    }


def test_every_view_of_it_stays_within_its_time(million: None, client: Client) -> None:
    client.force_login(make_staff("view_stalledorder", "resume_stalledorder"))
    order = Order.objects.order_by("pk")[ORDERS // 2 + 7]
    client.get(LIST)
    times = {}
    for name, asked in views(order).items():
        page = partial(client.get, LIST, asked)
        times[name] = fastest(partial(of_the_database, page))
    for name, typed in searches(order).items():
        page = partial(client.get, "/admin/search/", {"q": typed})
        times[f"search {name}"] = fastest(partial(of_the_database, page))
    assert max(times.values()) <= BAR_MS, times
    assert Saga.objects.count() == SAGAS
    # A date reaches further back than what is shown without one.
    early = client.get(LIST, views(order)["before a day"]).context["cl"]
    assert early.result_count > MOST
    assert early.result_list[0].pk == order.pk - 1


def test_a_search_reads_an_index(db: None) -> None:
    only_on_postgresql()
    with connection.cursor() as cursor:
        # The tables are empty here: only whether the index fits is asked.
        cursor.execute("SET LOCAL enable_seqscan = off")
    indexes = {
        "pi_1": "orders_payment_intent_id",
        "ch_1": "payment_charge_idx",
        "261122-AAAAAA": "orders_order_number",
        "hanako@example.com": "order_email_idx",
        "Hanako": "order_second_name_idx",
        "0312345678": "order_phone_idx",
        "AAAAAA": "order_number_tail_idx",
    }
    for typed, index in indexes.items():
        with CaptureQueriesContext(connection) as queries:
            rows = StalledOrder.objects.filter(build_condition(typed))
        # IDs of Stripe and tracking numbers are looked up before the orders.
        first = [explain(query["sql"]) for query in queries.captured_queries]
        assert index in "\n".join([*first, rows.explain()]), typed


def explain(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())
