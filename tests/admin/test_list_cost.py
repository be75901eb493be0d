"""The list of orders is as quick after a million sagas, and reads by index."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout.admin.finding import found
from checkout.models import StalledOrder
from checkout.saga.models import Saga
from orders.models import Order
from tests.admin.factories import make_staff
from tests.saga.million import WITHOUT_UNIQUENESS
from tests.saga.test_sweep_cost import only_on_postgresql

SAGAS = 1_000_000
# The newest sagas are those of orders; of the others the list reads nothing else.
ORDERS = 10_000
# The bar for all queries of a page, held against the fastest of a few looks: all others
# also waited for a processor that other tests had. What else the page takes is for its
# fifty rows, however many there are behind them.
BAR_MS = 100.0
LOOKS = 5
LIST = "/admin/checkout/stalledorder/"

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

# Of a thousand one stopped, one was undone, one waits. The highest number is newest.
_SAGAS = """
INSERT INTO saga_saga (uid, definition, version, reference, state, direction, step,
    attempt, relaunches, fence, signals, claimed_by, due_at, sweep_at, data, reason,
    waiting_for, error_kind, error_class, error, created_at, finished_at, failed_at,
    alert_wanted_at {columns})
SELECT gen_random_uuid(), 'checkout', 1, '990101-' || lpad(n::text, 7, '0'), state,
    'do', 'send_confirmation', 0, 0, 5, 0, '', t, t, '{{}}', '', '', '',
    CASE WHEN state = 'failed' THEN 'Oops' ELSE '' END, '', t,
    CASE WHEN state = 'done' THEN t END, told, told {values}
FROM (SELECT n, t, state, CASE WHEN state = 'failed' THEN t END AS told
      FROM (SELECT n, now() - (%s - n) * interval '1 second' AS t, CASE n %% 1000
            WHEN 1 THEN 'failed' WHEN 2 THEN 'compensated' WHEN 3 THEN 'waiting'
            ELSE 'done' END AS state FROM generate_series(1, %s) AS n) AS a) AS b
"""
_ORDERS = """
INSERT INTO orders_order (uid, number, checkout_key, status, cancel_reason, language,
    email, name, phone, postcode, prefecture, city, street, building, delivery,
    currency, subtotal_minor, shipping_minor, total_minor, tax, placed_at {columns})
SELECT gen_random_uuid(), reference, gen_random_uuid(), 'confirmed', '', 'ja',
    'c' || id || '@example.com', 'Customer ' || id, '', '', '', '', '', '', '', 'JPY',
    100, 0, 100, '[]', created_at {values}
FROM (SELECT * FROM saga_saga ORDER BY reference DESC LIMIT %s) AS newest
ORDER BY reference
"""
_PAYMENTS = """
INSERT INTO orders_payment (order_id, amount_minor, currency, status, intent_id,
    charge_id, card_brand, card_last4, captured_minor, captured_at {columns})
SELECT id, 100, 'JPY', 'captured', 'pi_' || id, 'ch_' || id, '', '', 100, placed_at
    {values}
FROM orders_order
"""
_COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND is_nullable = 'NO' AND column_name <> 'id'
"""
_ONCE = "CREATE UNIQUE INDEX saga_once ON saga_saga (definition, reference)"


@pytest.fixture
def million(db) -> None:
    """A million sagas, nearly all of them done, the newest of them of paid orders."""
    only_on_postgresql()
    with connection.cursor() as cursor:
        # Filled faster without looking at every row: at what it points to, and
        # whether it is unique, which is looked at once, at the end.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(WITHOUT_UNIQUENESS)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        fill(cursor, _SAGAS, [SAGAS, SAGAS])
        cursor.execute(_ONCE)
        fill(cursor, _ORDERS, [ORDERS])
        fill(cursor, _PAYMENTS, [])
        for table in ("orders_order", "orders_payment", "saga_saga"):
            cursor.execute(f"ANALYZE {table}")


def fill(cursor: Any, statement: str, values: list[int]) -> None:
    """Run an INSERT; columns that it does not name get the emptiest value."""
    table, named = statement.split()[2], statement.split("{columns}", maxsplit=1)[0]
    cursor.execute(_COLUMNS, [table])
    empty = {"integer": "0", "smallint": "0", "bigint": "0", "boolean": "false"}
    missing = {
        name: empty.get(kind, "'{{}}'" if kind == "jsonb" else "''")
        for name, kind in cursor.fetchall()
        if f"{name}," not in f"{named},".replace(" ,", ",")
        and f" {name} " not in f"{named} "
    }
    columns = "".join(f", {name}" for name in missing)
    nothing = "".join(f", {value}" for value in missing.values())
    cursor.execute(statement.format(columns=columns, values=nothing), values)


def of_the_database(act: Callable[[], object]) -> float:
    """Return the milliseconds that the queries of ``act`` took."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return 1000 * sum(float(query["time"]) for query in queries)


def test_every_view_of_it_stays_within_its_time(million, client):
    client.force_login(make_staff("view_stalledorder", "resume_stalledorder"))
    order = Order.objects.order_by("pk")[ORDERS // 2 + 7]
    views = {
        "stalled": {},
        "stalled at a step": {"step": "send_confirmation"},
        "stalled with an error": {"error": "Oops"},
        "done": {"state": "done"},
        "undone": {"state": "compensated"},
        "waiting": {"state": "waiting"},
        "all": {"state": "all"},
        "all, page 20": {"state": "all", "p": "20"},
        "by number": {"state": "all", "q": order.number},
        "by mail": {"state": "done", "q": order.email},
        "by name": {"state": "all", "q": order.name},
        "by intent": {"state": "all", "q": f"pi_{order.pk}"},
        "by charge": {"state": "done", "q": f"ch_{order.pk}"},
        "by date": {"state": "done", "placed_at__gte": "2000-01-01 00:00:00+00:00"},
    }
    client.get(LIST)
    times = {}
    for name, asked in views.items():
        look = partial(client.get, LIST, asked)
        times[name] = round(min(of_the_database(look) for _look in range(LOOKS)))
    assert max(times.values()) <= BAR_MS, times
    assert Saga.objects.count() == SAGAS


def test_a_search_reads_an_index(db):
    only_on_postgresql()
    with connection.cursor() as cursor:
        # The tables are empty here: only whether the index fits is asked.
        cursor.execute("SET LOCAL enable_seqscan = off")
    indexes = {
        "pi_1": "orders_payment_intent_id",
        "ch_1": "payment_charge_idx",
        "261122-AAAAAA": "orders_order_number",
        "hanako@example.com": "order_email_idx",
        "Hanako": "order_name_idx",
    }
    for typed, index in indexes.items():
        assert index in StalledOrder.objects.filter(found(typed)).explain(), typed
