"""The sandbox's page: its orders, its reports and the armed faults."""

import json
from collections.abc import Sequence
from html import escape

from sandboxes.warehouse import faults
from sandboxes.warehouse.store import Object, Store

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left; }
"""
_MOST = 100


def home(store: Store) -> str:
    """Return the page as HTML. It reloads itself every two seconds."""
    rows = store.rows("SELECT * FROM orders ORDER BY changed_at DESC LIMIT ?", (_MOST,))
    orders = [
        (
            row["shipment"],
            row["standing"],
            _written(json.loads(row["asked"])["service"]),
            row["next"] or "-",
            str(row["sequence"]),
            str(row["requests"]),
            row["reason"],
        )
        for row in rows
    ]
    counted = store.rows("SELECT state, COUNT(*) AS n FROM reports GROUP BY state")
    reports = [(row["state"], str(row["n"])) for row in counted]
    armed = [
        (rule["kind"], str(rule["times"]), rule["shipment"] or "any")
        for rule in faults.listed(store)
    ]
    parts = [
        _table(
            "Orders",
            ("Order", "Status", "Service", "Next", "Sequence", "Requests", "Reason"),
            orders,
        ),
        _table("Reports", ("State", "Reports"), reports),
        _table("Armed faults", ("Fault", "Times", "Order"), armed),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="refresh" content="2">'
        f"<title>Warehouse sandbox</title><style>{_STYLE}</style></head><body>"
        "<h1>Warehouse sandbox</h1><p>A stand-in for a warehouse system. No parcel "
        f"leaves.</p>{''.join(parts)}</body></html>"
    )


def _written(service: Object) -> str:
    """Return the method, by when it must leave, and when it is to be delivered."""
    wish = " ".join(filter(None, [service["deliver_on"], service["slot"]]))
    by = service["ship_by"]
    parts = [service["method"], by and f"by {by}", wish and f"deliver {wish}"]
    return ", ".join(filter(None, parts))


def _table(title: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    empty = f'<tr><td colspan="{len(names)}">None.</td></tr>'
    return (
        f'<h2>{escape(title)}</h2><div class="scroll"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{body or empty}</tbody></table></div>"
    )
