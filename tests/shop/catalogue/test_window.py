"""Whatever changes what guests are shown changes the version of the shop window."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkout.announcements.models import Announcement
from checkout.announcements.services import lift, pause, put_up
from checkout.shipping.models import (
    DeliveryCountry,
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    SpecialDay,
    UnservedPrefecture,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from inventory.models import StockItem
from inventory.services import receive
from shop.catalogue.models import (
    BundlePart,
    Category,
    HomeBanner,
    InShopWindow,
    Option,
    OptionValue,
    Picture,
    Product,
    RelatedProduct,
    Variant,
    WindowVersion,
)
from shop.catalogue.models.window import SLOTS
from shop.catalogue.pictures import Rendition
from shop.catalogue.rebuild import rebuild
from shop.catalogue.services import add_picture, index_category, index_product
from shop.catalogue.window import read_version
from shop.pages.models import PageVersion
from shop.profile.models import ShopProfile
from tests.support.catalogue import make_category, make_product
from tests.support.shipping import make_method, make_zone
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

# What two seconds are enough for, and the version itself.
OTHER_TABLES = {StockItem._meta.db_table, WindowVersion._meta.db_table}
PAGES = (
    "/",
    "/goods/",
    "/goods/?sort=price",
    "/goods/?sort=newest",
    "/goods/?sort=name",
    "/goods/?page=2",
    "/c/kitchen/",
    "/c/empty/",
    "/search/?q=mug",
    "/search/?q=nothing",
    "/search/",
    "/p/mug/",
    "/pages/legal/",
)
_TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')


def in_window() -> set[type[models.Model]]:
    return {
        model
        for model in apps.get_models()
        if any(isinstance(each, InShopWindow) for each in model._meta.constraints)
    }


def new_category() -> Category:
    return Category(slug="new", name_en="New", name_ja="新")


def new_product() -> Product:
    return Product(slug="new", category=make_category(), name_en="N", name_ja="新")


def new_variant() -> Variant:
    return Variant(product=make_product(skus=()), sku="NEW-01", price_minor=100)


def new_picture() -> Picture:
    product = make_product(pictures=0)
    return Picture(product=product, file="pictures/a.webp", alt_en="A", alt_ja="あ")


def new_option() -> Option:
    return Option(name_en="Size", name_ja="サイズ")


def new_option_value() -> OptionValue:
    option = Option.objects.create(name_en="Size", name_ja="サイズ")
    return OptionValue(option=option, name_en="S", name_ja="S")


def new_related() -> RelatedProduct:
    product = make_product(skus=())
    return RelatedProduct(product=product, goods=make_product("tea", skus=()))


def new_part() -> BundlePart:
    mug = make_product().variants.get()
    return BundlePart(bundle=make_product("set", skus=("SET-01",)), variant=mug)


def new_method() -> ShippingMethod:
    return ShippingMethod(name_en="New", name_ja="新")


def new_rate() -> ShippingRate:
    return ShippingRate(method=make_method(rate=None), rate_minor=600)


def new_unserved() -> UnservedPrefecture:
    return UnservedPrefecture(method=make_method(), prefecture="okinawa")


def new_transit() -> ZoneTransit:
    return ZoneTransit(
        method=make_method(), zone=make_zone("New"), days_from=1, days_to=2
    )


def new_calendar() -> WorkingCalendar:
    return WorkingCalendar(pk=1)


def new_special_day() -> SpecialDay:
    return SpecialDay(day=date(2026, 12, 30))


def new_place() -> PickupPlace:
    return PickupPlace(method=make_method(), name_en="New", name_ja="新")


def new_country() -> DeliveryCountry:
    return DeliveryCountry(code="US", zone=make_zone("World"))


def new_zone_prefecture() -> ZonePrefecture:
    return ZonePrefecture(zone=make_zone("New"), prefecture="okinawa")


def new_announcement() -> Announcement:
    return Announcement(
        kind="banner", message_en="A", message_ja="あ", set_by="yuki", reason="x"
    )


def new_home_banner() -> HomeBanner:
    return HomeBanner(title_en="New", title_ja="新")


def new_page() -> PageVersion:
    return PageVersion(slug="about", number=1, title_en="A", body_en="A")


def new_profile() -> ShopProfile:
    return ShopProfile(pk=1, name_en="New", name_ja="新")


# Of each table in the window: a new row, and a column that can be written.
ROWS: dict[type[models.Model], tuple[Callable[[], models.Model], str]] = {
    Category: (new_category, "position"),
    Product: (new_product, "position"),
    Variant: (new_variant, "position"),
    Option: (new_option, "position"),
    OptionValue: (new_option_value, "position"),
    Picture: (new_picture, "position"),
    RelatedProduct: (new_related, "position"),
    BundlePart: (new_part, "position"),
    PickupPlace: (new_place, "position"),
    ShippingMethod: (new_method, "position"),
    ShippingRate: (new_rate, "rate_minor"),
    SpecialDay: (new_special_day, "note"),
    WorkingCalendar: (new_calendar, "handling_days"),
    ZoneTransit: (new_transit, "days_to"),
    UnservedPrefecture: (new_unserved, "prefecture"),
    DeliveryCountry: (new_country, "prices"),
    ZonePrefecture: (new_zone_prefecture, "prefecture"),
    Announcement: (new_announcement, "message_en"),
    HomeBanner: (new_home_banner, "position"),
    PageVersion: (new_page, "note"),
    ShopProfile: (new_profile, "phone"),
}

Write = Callable[[Any, str], object]


def by_sql(statement: str) -> Write:
    def write(row: models.Model, column: str) -> None:
        parts = {"table": row._meta.db_table, "column": column, "pk": row.pk}
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**parts))

    return write


INSERTS: dict[str, Write] = {
    "save": lambda row, _: row.save(),
    "bulk_create": lambda row, _: type(row).objects.bulk_create([row]),
    "bulk_create, ignoring conflicts": lambda row, _: type(row).objects.bulk_create(
        [row], ignore_conflicts=True
    ),
}
CHANGES: dict[str, Write] = {
    "save": lambda row, _: row.save(),
    "update": lambda row, column: type(row).objects.update(**{column: F(column)}),
    "bulk_update": lambda row, column: type(row).objects.bulk_update([row], [column]),
    "upsert": lambda row, column: type(row).objects.bulk_create(
        [row], update_conflicts=True, update_fields=[column], unique_fields=["id"]
    ),
    "SQL update": by_sql("UPDATE {table} SET {column} = {column} WHERE id = {pk}"),
    "delete": lambda row, _: row.delete(),
    "delete of a queryset": lambda row, _: type(row).objects.all().delete(),
    "SQL delete": by_sql("DELETE FROM {table} WHERE id = {pk}"),
}


def version_is_changed_by(act: Callable[[], object]) -> bool:
    before = read_version()
    act()
    return read_version() != before


def test_every_table_that_guests_pages_read_is_in_the_window(client: Client) -> None:
    make_product()
    make_category("empty")
    put_up("yuki", "a move", ("Back", "戻る"), ends_at=timezone.now())
    pause("yuki", "the warehouse moves")
    with CaptureQueriesContext(connection) as asked:
        for path in PAGES:
            assert client.get(path).status_code == 200
    read = {name for query in asked for name in _TABLE.findall(query["sql"])}

    watched = {model._meta.db_table for model in in_window()}
    assert read - OTHER_TABLES == watched
    assert OTHER_TABLES - {WindowVersion._meta.db_table} <= read


def test_every_table_in_the_window_is_tested_here() -> None:
    assert in_window() == set(ROWS)


@pytest.mark.parametrize("model", list(ROWS))
@pytest.mark.parametrize("way", list(INSERTS))
def test_a_new_row_changes_the_version(model: type[models.Model], way: str) -> None:
    make, column = ROWS[model]
    row = make()

    assert version_is_changed_by(lambda: INSERTS[way](row, column))


@pytest.mark.parametrize("model", list(ROWS))
@pytest.mark.parametrize("way", list(CHANGES))
def test_a_change_of_a_row_changes_the_version(
    model: type[models.Model], way: str
) -> None:
    make, column = ROWS[model]
    row = make()
    row.save()
    if model is Category or way == "SQL delete":
        # Other rows would hold what is deleted.
        Product.objects.filter(category__slug="new").delete()

    assert version_is_changed_by(lambda: CHANGES[way](row, column))


@pytest.mark.parametrize("way", ["index", "category", "picture", "cascade", "rebuild"])
def test_what_the_services_do_changes_the_version(way: str) -> None:
    product = make_product()
    picture = product.pictures.get()
    shown = [Rendition(**each) for each in picture.renditions]
    acts: dict[str, Callable[[], object]] = {
        "index": lambda: index_product(product.pk),
        "category": lambda: index_category(product.category_id),
        "picture": lambda: add_picture(product, shown, alt_en="A", alt_ja="あ"),
        "cascade": product.delete,
        "rebuild": lambda: rebuild(picture),
    }

    assert version_is_changed_by(acts[way])


def test_announcements_change_the_version() -> None:
    assert version_is_changed_by(lambda: pause("yuki", "a move"))
    row = Announcement.objects.get()
    assert version_is_changed_by(lambda: lift(row, "yuki", "over"))


def test_truncating_a_table_changes_the_version() -> None:
    pause("yuki", "a move")
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with connection.cursor() as cursor:
        assert version_is_changed_by(
            lambda: cursor.execute("TRUNCATE checkout_announcement")
        )


def test_goods_that_come_and_go_do_not_change_the_version() -> None:
    make_product()

    assert not version_is_changed_by(lambda: receive("MUG-01", 5, "delivery"))


def test_a_change_that_is_rolled_back_leaves_the_version() -> None:
    make_product()
    before = read_version()
    with transaction.atomic():
        Product.objects.update(position=7)
        within = read_version()
        transaction.set_rollback(True)

    assert within != before
    assert read_version() == before


def test_no_version_comes_back() -> None:
    make_product()
    seen = {read_version()}
    for position in range(40):
        with transaction.atomic():
            Product.objects.update(position=position)
            seen.add(read_version())
            transaction.set_rollback(position % 2 == 0)

    assert len(seen) == 41


def test_without_any_change_there_is_no_version() -> None:
    WindowVersion.objects.all().delete()

    assert read_version() is None


@pytest.mark.django_db(transaction=True)
def test_edits_of_two_products_do_not_wait_for_each_other() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    first, second = (make_product(slug, skus=()) for slug in ("one", "two"))

    def edit(product: Product) -> bool:
        """Return whether this connection has a slot of its own."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            if slot() == slot_of_first:
                return False
            return bool(Product.objects.filter(pk=product.pk).update(position=2))

    with transaction.atomic():
        slot_of_first = slot()
        Product.objects.filter(pk=first.pk).update(position=1)
        # Two connections have the same slot once in 64 times.
        edited = [run_together([second], edit)[0] for _attempt in range(3)]

    assert not exceptions_in(edited)
    assert True in edited


def slot() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() %% %s", [SLOTS])
        return int(cursor.fetchone()[0])
