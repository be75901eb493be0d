"""A status of an order is assigned in orders/transitions/ alone.

Import contracts cannot see who writes a field, so this test reads the source.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("shop", "backoffice", "checkout", "saga", "inventory", "orders")
WRITERS = ROOT / "orders" / "transitions"
FIELD = "status"
# Methods that write the fields in their keywords, or in a dictionary that they take.
_WRITING = {
    "update",
    "create",
    "get_or_create",
    "update_or_create",
    "aupdate",
    "acreate",
    "aget_or_create",
    "aupdate_or_create",
}
_IN_BULK = {"bulk_update", "abulk_update"}


def models_with_status() -> set[str]:
    """Return the names of the order's models that have a status."""
    return {
        model.__name__
        for model in apps.get_app_config("orders").get_models()
        if any(field.name == FIELD for field in model._meta.get_fields())
    }


def writes_in(source: str, models: set[str]) -> list[int]:
    """Return the lines of Python source that assign a status.

    Found are: assignments to an attribute ``status``, and setattr; ``status`` given to
    a method that writes or to a model, as a keyword or in a dictionary; bulk_update of
    the field. Case and When need no rule of their own: they stand in one of these.
    """
    if FIELD not in source and "**" not in source:
        return []  # spares nearly all of the time, which is that of parsing
    return sorted(set(_lines(ast.parse(source), models)))


def _lines(tree: ast.Module, models: set[str]) -> Iterator[int]:
    names = _names_with_status(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()) if name == FIELD:
                yield node.lineno
            case ast.Call() if _is_write(node, models, names):
                yield node.lineno


def _is_write(call: ast.Call, models: set[str], names: set[str]) -> bool:
    name = _name(call.func)
    if name == "setattr":
        return len(call.args) > 1 and _is_field(call.args[1])
    if name in _IN_BULK:
        return any(_is_field(node) for node in ast.walk(call))
    if name in _WRITING or name in models:
        return any(_gives_status(keyword, names) for keyword in call.keywords)
    return False


def _gives_status(keyword: ast.keyword, names: set[str]) -> bool:
    if keyword.arg == FIELD:
        return True
    if keyword.arg in (None, "defaults", "create_defaults"):
        value = keyword.value
        return _is_dict(value) or (isinstance(value, ast.Name) and value.id in names)
    return False


def _names_with_status(tree: ast.Module) -> set[str]:
    """Return the names of dictionaries that hold a status, or may hold one.

    What a function takes as ``**fields`` may hold one in a module that reads orders.
    """
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_dict(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if not any(_imports_orders(node) for node in ast.walk(tree)):
        return names
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return names | {each.args.kwarg.arg for each in functions if each.args.kwarg}


def _imports_orders(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module in (
        "orders.models",
        "orders",
    )


def _is_dict(node: ast.expr) -> bool:
    if isinstance(node, ast.Dict):
        return any(key is not None and _is_field(key) for key in node.keys)
    if isinstance(node, ast.Call) and _name(node.func) == "dict":
        return any(keyword.arg == FIELD for keyword in node.keywords)
    return False


def _is_field(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == FIELD


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if WRITERS not in path.parents and "migrations" not in path.parts:
                yield path


def test_only_transitions_assign_a_status() -> None:
    models = models_with_status()
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in _sources()
        for line in writes_in(path.read_text(), models)
    ]
    assert not found, (
        "Only orders/transitions/ may assign the status of an order, payment, "
        "shipment, refund, dispute or shortage. Call a function of it instead, here:\n"
        + "\n".join(found)
    )


def test_transitions_are_seen_to_assign_one() -> None:
    models = models_with_status()
    writers = {
        path.stem
        for path in WRITERS.glob("*.py")
        if writes_in(path.read_text(), models)
    }
    assert writers == {
        "orders",
        "payments",
        "shipments",
        "refunds",
        "disputes",
        "shortages",
        "cancellations",
        "returns",
        "exchanges",
    }


def test_models_with_a_status_are_found() -> None:
    assert models_with_status() == {
        "Order",
        "Payment",
        "Shipment",
        "Refund",
        "Dispute",
        "Shortage",
        "Cancellation",
        "Return",
        "Exchange",
    }


@pytest.mark.parametrize(
    "source",
    [
        "order.status = Order.Status.CONFIRMED",
        "a, order.status = 1, 2",
        "order.status: str = 'confirmed'",
        "order.status += 'x'",
        "setattr(order, 'status', 'confirmed')",
        "Order.objects.filter(pk=1).update(status='confirmed', name='x')",
        "rows.update(status=Case(When(ready_at=None, then=Value('pending'))))",
        "rows.update(**{'status': 'confirmed'})",
        "fields = {'status': 'confirmed'}\nrows.update(**fields)",
        "from orders.models import Order\ndef move(**to): rows.update(**to)",
        "fields = dict(status='confirmed')\nrows.update(**fields)",
        "Shipment.objects.create(order=order, status='requested')",
        "Refund.objects.get_or_create(uid=uid, defaults={'status': 'pending'})",
        "Refund.objects.update_or_create(uid=uid, create_defaults={'status': 'x'})",
        "models.Shortage(order=order, status='open')",
        "Order.objects.bulk_create([Order(status='pending')])",
        "Order.objects.bulk_update(orders, ['status'])",
    ],
)
def test_assignment_is_found(source: str) -> None:
    assert writes_in(source, models_with_status()) == [source.count("\n") + 1]


@pytest.mark.parametrize(
    "source",
    [
        "Order.objects.filter(status='confirmed')",
        "Order.objects.exclude(Q(status='confirmed'))",
        "if order.status == 'confirmed': pass",
        "HttpResponse(status=204)",
        "Finding(status='won')",
        "rows.update(poll_at=None)",
        "status = order.status",
        "facts = {'status': order.status}\nreport(facts)",
    ],
)
def test_reading_is_not_taken_for_an_assignment(source: str) -> None:
    assert writes_in(source, models_with_status()) == []
