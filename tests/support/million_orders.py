"""Write a million sagas, the newest with paid orders. PostgreSQL only.

Also the views of the staff's list of orders, as parameters of its page.
"""

from typing import Any

from django.db import connection, transaction

from orders.models import Order
from tests.support.million_sagas import WITHOUT_UNIQUENESS

# Of a thousand sagas one stopped, one was undone and one waits; the highest number is
# the newest.
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


@transaction.atomic
def fill(sagas: int, orders: int) -> None:
    """Write so many sagas, nearly all of them done, the newest of them of orders."""
    with connection.cursor() as cursor:
        # Filled faster without looking at every row: at what it points to, and
        # whether it is unique, which is looked at once, at the end.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(WITHOUT_UNIQUENESS)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        _write(cursor, _SAGAS, [sagas, sagas])
        cursor.execute(_ONCE)
        _write(cursor, _ORDERS, [orders])
        _write(cursor, _PAYMENTS, [])
        for table in ("orders_order", "orders_payment", "saga_saga"):
            cursor.execute(f"ANALYZE {table}")


def views(order: Order) -> dict[str, dict[str, str]]:
    """Return every kind of view of the list, by name; searches look for ``order``."""
    since, before = "placed_at__gte", "placed_at__lt"
    placed = order.placed_at.isoformat()
    return {
        "stalled": {},
        "stalled at a step": {"step": "send_confirmation"},
        "stalled with an error": {"error": "Oops"},
        "done": {"state": "done"},
        "undone": {"state": "compensated"},
        "waiting": {"state": "waiting"},
        "in any state with an error": {"state": "all", "error": "Oops"},
        "all": {"state": "all"},
        "all, page 20": {"state": "all", "p": "20"},
        "by number": {"state": "all", "q": order.number},
        "by mail": {"state": "done", "q": order.email},
        "by name": {"state": "all", "q": order.name},
        "by intent": {"state": "all", "q": f"pi_{order.pk}"},
        "by charge": {"state": "done", "q": f"ch_{order.pk}"},
        "since a day": {"state": "done", since: "2000-01-01 00:00:00+00:00"},
        "before a day": {"state": "done", before: placed},
        "undone before a day": {"state": "compensated", before: placed},
    }


def _write(cursor: Any, statement: str, values: list[int]) -> None:
    """Run an INSERT; columns that it does not name get the emptiest value."""
    table, named = statement.split()[2], statement.split("{columns}", maxsplit=1)[0]
    cursor.execute(_COLUMNS, [table])
    empty = {"integer": "0", "smallint": "0", "bigint": "0", "boolean": "false"}
    missing = {
        name: empty.get(kind, "'{}'" if kind == "jsonb" else "''")
        for name, kind in cursor.fetchall()
        if f"{name}," not in f"{named},".replace(" ,", ",")
        and f" {name} " not in f"{named} "
    }
    columns = "".join(f", {name}" for name in missing)
    nothing = "".join(f", {value}" for value in missing.values())
    cursor.execute(statement.format(columns=columns, values=nothing), values)
