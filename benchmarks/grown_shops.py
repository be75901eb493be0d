"""Shops with many orders, in databases of one server or folder, and what to ask them.

Orders, sagas and stock of the past are copies of one order that the shop's own code
took, paid, sent and closed (``copies.py``). What is open, some dozens of orders, is
made by the shop's code in each database, so that only the past differs.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from benchmarks.copies import Copies, Name
from checkout.aftersales import dispatch
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.periodic_jobs import run_once
from checkout.placement.services import place_order
from inventory.models import Hold, Movement, StockItem
from inventory.services import receive
from orders.models import Order
from saga.engine import run
from saga.models import Saga, State
from saga.sweeper import sweep
from shop.catalogue.models import Category, Product, Variant
from shop.database_clock import Now
from shop.page_cache.store import PAGES
from tests.support.shopping import RECIPIENT, fill_and_inform, make_cart

TEMPLATE_PRODUCT = "morning-show-mug"
OPEN = 20  # orders that wait to be sent
STALLED = 20  # orders that stopped
CARD = "pm_card_visa"
CLIENT = "198.18.0.1"

Act = tuple[str, str, Callable[[], object]]


class GrownShops:
    """One database for each number of orders."""

    def __init__(self, orders: tuple[int, ...], products: int) -> None:
        call_command("staff_groups", stdout=sys.stderr)
        call_command("load_demo", stdout=sys.stderr)
        User.objects.create_superuser("yuki")
        _add_products(products)
        template = _ended_order()
        copies = _copies(template, products)
        connection.close()
        self._own = connections.settings["default"]["NAME"]
        self._wrappers = {}
        self._shops = {}
        for number in orders:
            self._wrappers[number] = self._database(number)
            with self.using(number):
                copies.write(1, number)
                _analyze()
                self._shops[number] = Shop()

    @contextmanager
    def using(self, orders: int) -> Iterator["Shop"]:
        """Let Django use the database with so many orders."""
        connections["default"] = self._wrappers[orders]
        caches["pages"].clear()
        PAGES.clear()
        yield self._shops.get(orders)  # type: ignore[misc]

    def close(self) -> None:
        for wrapper in self._wrappers.values():
            wrapper.close()

    def _database(self, orders: int) -> Any:
        """Copy the database as it is. Return a connection to the copy."""
        name = f"grown_{orders}"
        if connection.vendor == "postgresql":
            wrapper = connections.create_connection("default")
            wrapper.settings_dict = {**wrapper.settings_dict, "NAME": "template1"}
            with wrapper.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE {name} TEMPLATE "{self._own}"')
            wrapper.close()
        else:
            path = Path(self._own)
            name = str(path.with_name(name))
            shutil.copy(path, name)
        wrapper = connections.create_connection("default")
        wrapper.settings_dict = {**wrapper.settings_dict, "NAME": name}
        return wrapper


class Shop:
    """What to ask of the shop in the present database, with its own open work."""

    def __init__(self) -> None:
        sku = _sku()
        receive(sku, 1_000_000, f"growth-{uuid4()}")
        for _order in range(OPEN):
            _finish(_place(sku))
        for _order in range(STALLED):
            _stop(_place(sku))
        self._order = Order.objects.latest("pk")
        self._customer = Client(SERVER_NAME="127.0.0.1")
        fill_and_inform(self._customer, {sku: 1})
        self._staff = Client(SERVER_NAME="127.0.0.1")
        self._staff.force_login(User.objects.get(username="yuki"))

    def acts(self) -> Iterator[Act]:
        """Yield name, kind and function of everything that is timed."""
        for name, path in self._customers_pages().items():
            yield name, "a page for customers", _asking(self._customer, path)
        for name, path in self._staff_pages():
            yield name, "a page for staff", _asking(self._staff, path)
        yield "placing an order", "placing an order", lambda: _place(_sku())
        yield "one sweep", "one sweep", sweep
        yield "all periodic jobs", "all periodic jobs", run_once

    def statements_of_placing(self) -> int:
        """Return them without BEGIN, COMMIT and savepoints, for two articles."""
        skus = list(Variant.objects.active().values_list("sku", flat=True)[:2])
        for sku in skus:
            receive(sku, 1_000, f"growth-{uuid4()}")
        cart = make_cart(dict.fromkeys(skus, 1), RECIPIENT)
        with CaptureQueriesContext(connection) as queries:
            _order_of(cart)
        writes = ("SELECT", "INSERT", "UPDATE", "DELETE")
        return sum(query["sql"].startswith(writes) for query in queries)

    def _customers_pages(self) -> dict[str, str]:
        category = Category.objects.order_by("position")[0]
        return {
            "home": "/",
            "category": f"/c/{category.slug}/",
            "search": "/search/?q=mug",
            "product": f"/p/{TEMPLATE_PRODUCT}/",
            "cart": "/cart/",
            "information": "/checkout/information/",
            "confirmation": "/checkout/confirmation/",
            "order": f"/orders/{self._order.uid}/",
            "health": "/readyz",
        }

    def _staff_pages(self) -> Iterator[tuple[str, str]]:
        """Yield the first page, every list, and the newest row of each list."""
        yield "staff: first page", reverse("admin:index")
        for model in site._registry:  # noqa: SLF001
            for name, path in _list_and_row(model):
                if self._staff.get(path).status_code == 200:  # noqa: PLR2004
                    yield name, path


def _list_and_row(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    options = model._meta  # noqa: SLF001
    name = f"{options.app_label}_{options.model_name}"
    yield f"staff: {options.label}, list", reverse(f"admin:{name}_changelist")
    newest = model._default_manager.order_by("-pk").first()  # noqa: SLF001
    if newest is None:
        return
    # Some lists, such as that of the sheets of goods, have no page of a row.
    with suppress(NoReverseMatch):
        row = reverse(f"admin:{name}_change", args=[newest.pk])
        yield f"staff: {options.label}, one", row


def _asking(client: Client, path: str) -> Callable[[], object]:
    def ask() -> None:
        PAGES.clear()
        answer = client.get(path)
        if answer.status_code != 200:  # noqa: PLR2004
            message = f"{path}: {answer.status_code}"
            raise RuntimeError(message)

    return ask


def _add_products(count: int) -> None:
    """Copy one product of the demo until there are so many."""
    product = Product.objects.get(slug=TEMPLATE_PRODUCT)
    variant = product.variants.first()
    assert variant is not None  # noqa: S101
    item = StockItem.objects.get(sku=variant.sku)
    rows = [product, *product.pictures.all(), variant, item]
    names = {product.slug: Name("copy-"), variant.sku: Name("COPY-")}
    Copies(rows, names).write(1, count)
    _analyze()


def _ended_order() -> Order:
    order = _place(_sku())
    _finish(order)
    order.refresh_from_db()
    dispatch.ship(order, carrier="yamato", tracking_number="123456789012", actor="yuki")
    return Order.objects.get(pk=order.pk)


def _copies(order: Order, products: int) -> Copies:
    sagas = list(Saga.objects.filter(reference=order.number).order_by("pk"))
    cart = Cart.objects.get(checkout_key=order.checkout_key)
    rows: list[models.Model] = [
        *(cart, *cart.lines.all(), order),
        *(order.lines.all()),
        *(order.payment, *order.payment.attempts.all(), *order.events.all()),
        order.shipment,
        *sagas,
        *(attempt for saga in sagas for attempt in saga.attempts.all()),
        *Hold.objects.filter(reference=order.number),
        *Movement.objects.filter(reference=order.number),
    ]
    names = {
        order.number: Name("C-"),
        order.email.partition("@")[0]: Name("customer-"),
        order.payment.intent_id or "": Name("pi_copy_"),
        _sku(): Name("COPY-", products),
    }
    return Copies(rows, names, {StockItem: products})


def _sku() -> str:
    found = Variant.objects.filter(product__slug=TEMPLATE_PRODUCT)
    return str(found.values_list("sku", flat=True)[0])


def _place(sku: str) -> Order:
    return _order_of(make_cart({sku: 1}, RECIPIENT))


def _order_of(cart: Cart) -> Order:
    return place_order(cart, quote(cart), token=CARD, language="en", client=CLIENT)


def _finish(order: Order) -> None:
    for saga in Saga.objects.filter(reference=order.number):
        run(saga.pk)


def _stop(order: Order) -> None:
    """Let the order's saga be one that stopped, and whose alert was sent."""
    told = dict.fromkeys(("alert_wanted_at", "alert_noted_at", "alerted_at"), Now())
    Saga.objects.filter(reference=order.number).update(
        state=State.FAILED, failed_at=Now(), error="Oops", error_class="Oops", **told
    )


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            # No shop grows by a million orders in one transaction: its log is short.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
