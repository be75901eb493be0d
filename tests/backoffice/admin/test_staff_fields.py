"""Every field that staff can set is read by the places that must respect it.

The fields are discovered from the admin's forms: a new one without a row here fails.
A row names a new value, what each place shows because of it, and what it no longer
shows. What the place showed before is read as well, so that no row is true by chance.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import RequestFactory

from checkout.payments.fake.gateway import FakeGateway
from checkout.shipping.models import (
    PickupPlace,
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    SpecialDay,
    UnservedPrefecture,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from inventory.models import StockItem
from shop.catalogue import services
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.catalogue.pictures import store
from shop.profile.models import ShopProfile
from tests.backoffice.admin.places import ONE_WAY, PASSWORD, PLACES, STAFF, Shop
from tests.support.catalogue import make_category, make_product, make_variant
from tests.support.shipping import add_rate, make_method, make_pickup, make_zone
from tests.support.shortages import make_shortage
from tests.support.uploads import encoded

GONE = "no longer for sale"
FUTURE = datetime(2040, 1, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
# The permission to see orders, by its codename.
SEE_ORDERS = "view_order"


@dataclass(frozen=True)
class Change:
    """A new value; place -> text that it adds; place -> text that it takes away."""

    value: Any
    shows: dict[str, str]
    hides: dict[str, str] = field(default_factory=dict)
    language: str = "en"


def named(value: str, *places: str, language: str = "en") -> Change:
    """Return a change of a text that is shown as it is."""
    return Change(value, dict.fromkeys(places, value), language=language)


def off_sale(value: object, *more: str) -> Change:
    """Return a change that takes the mug off sale, wherever it is sold."""
    return Change(
        value,
        {
            "product": "status 404",
            "add": GONE,
            "cart": GONE,
            "confirmation": "status 303 /cart/",
            "purchase": "refused",
        },
        {
            "list": "Morning Mug",
            "category": "Morning Mug",
            "categories": "kitchen",
            "search": "Morning Mug",
            "substitutes": "Morning Mug",
        },
    )


# The price counts again that is struck through before.
SALE_IS_OVER = Change(
    FUTURE,
    {"cart": "now it is ¥1,800", "confirmation": "¥3,600", "purchase": "refused"},
    {"list": "¥1,800</s>", "product": "¥1,800</s>"},
)
# The days of the week after a Friday that is a national holiday.
WEEK = {
    "monday": "2027-01-04",
    "tuesday": "2027-01-05",
    "wednesday": "2027-01-06",
    "thursday": "2027-01-07",
    "friday": "2027-01-08",
    "saturday": "2027-01-09",
    "sunday": "2027-01-10",
}
SOLD = ("cart", "confirmation", "order", "mail")
EVERYWHERE = ("list", "category", "search", "product", "substitutes", *SOLD)
TABLE: dict[str, Change] = {
    "catalogue.Category.slug": Change(
        "cooking", {"category": "status 302 /c/cooking/"}
    ),
    "catalogue.Category.name_en": named("Cooking", "list", "category", "product"),
    "catalogue.Category.name_ja": named(
        "お台所", "list", "category", "product", language="ja"
    ),
    "catalogue.Category.position": Change(9, {"categories": "drinks kitchen"}),
    "catalogue.Product.category": Change(
        "drinks", {"product": "/c/drinks/"}, {"category": "Morning Mug"}
    ),
    "catalogue.Product.slug": Change(
        "cup", {"list": "/p/cup/", "product": "status 302 /p/cup/", "cart": "/p/cup/"}
    ),
    "catalogue.Product.name_en": named("Evening Mug", *EVERYWHERE),
    "catalogue.Product.name_ja": named("夜のmug", *EVERYWHERE, language="ja"),
    "catalogue.Product.description_en": Change(
        "An éclair fits on it.",
        {"product": "An éclair fits on it.", "search by text": "Morning Mug"},
    ),
    "catalogue.Product.description_ja": Change(
        "éclairが載る。",
        {"product": "éclairが載る。", "search by text": "朝のマグカップ"},
        language="ja",
    ),
    "catalogue.Product.programme_en": Change(
        "Éclair Hour",
        {
            "list": "Éclair Hour",
            "product": "Éclair Hour",
            "search by text": "Morning Mug",
        },
    ),
    "catalogue.Product.programme_ja": named(
        "朝の番組", "list", "product", language="ja"
    ),
    "catalogue.Product.tax_rate": Change(
        8,
        {
            "product": "tax included (8 %)",
            "cart": "tax 8 %",
            "confirmation": "8 %",
            "order": "8 %",
            "mail": "8 %",
            "purchase": "refused",
        },
    ),
    "catalogue.Product.is_active": off_sale(False),
    "catalogue.Product.position": Change(9, {"recommended": "tea mug"}),
    "catalogue.Product.released_at": off_sale(FUTURE),
    "catalogue.Product.most_per_order": Change(
        1,
        {
            "product": "At most 1 per order.",
            "cart": "One order may have at most 1",
            "confirmation": "status 303 /cart/",
            "purchase": "refused",
        },
    ),
    "catalogue.Variant.position": Change(9, {"variants": "MUG-02 MUG-01"}),
    "catalogue.Variant.sku": Change("MUG-09", {"variants": "MUG-09 MUG-02"}),
    "catalogue.Variant.label_en": named("Enamel", "product", "substitutes", *SOLD),
    "catalogue.Variant.label_ja": named(
        "ホーロー", "product", "substitutes", *SOLD, language="ja"
    ),
    "catalogue.Variant.price_minor": Change(
        1234,
        {
            "list": "from ¥1,234",
            "category": "from ¥1,234",
            "search": "from ¥1,234",
            "product": "¥1,234",
            "add": "¥1,234",
            "cart": "it was ¥1,800, now it is ¥1,234",
            "confirmation": "¥2,468",
            "order": "¥2,468",
            "mail": "¥2,468",
            "purchase": "refused",
        },
    ),
    "catalogue.Variant.sale_minor": Change(
        1234,
        {
            "list": "¥1,800</s>",
            "product": "¥1,800</s>",
            "add": "¥1,234",
            "cart": "it was ¥1,800, now it is ¥1,234",
            "confirmation": "¥2,468",
            "order": "¥2,468",
            "mail": "¥2,468",
            "purchase": "refused",
        },
    ),
    "catalogue.Variant.sale_from": SALE_IS_OVER,
    "catalogue.Variant.sale_until": replace(SALE_IS_OVER, value=PAST),
    "catalogue.Variant.is_active": Change(
        False,
        {
            "add": GONE,
            "cart": GONE,
            "confirmation": "status 303 /cart/",
            "purchase": "refused",
        },
        {"product": "MUG-01", "variants": "MUG-01", "substitutes": "MUG-01"},
    ),
    # Heavier than the first price's limit.
    "catalogue.Variant.weight_grams": Change(
        1001, {"confirmation": "¥500", "purchase": "refused"}
    ),
    "catalogue.Picture.position": Change(9, {"pictures": "View 2 View 1"}),
    "catalogue.Picture.file": Change(
        "a picture", {"list": ".webp 320w", "product": ".webp 320w", "cart": ".webp"}
    ),
    "catalogue.Picture.alt_en": named("A blue mug", "product", "pictures"),
    "catalogue.Picture.alt_ja": named("青いマグ", "product", "pictures", language="ja"),
    "inventory.StockItem.low_at": Change(400, {"stock": 'class="badge low"'}),
    "inventory.StockItem.shelf": named("Z-09", "stock"),
    "checkout.ShippingZone.name": named("Capital", "zones"),
    "checkout.ShippingRate.rate_minor": Change(
        777,
        {
            "methods": "¥777",
            "cart": "¥777",
            "information": "¥777",
            "confirmation": "¥777",
            "order": "¥777",
            "mail": "¥777",
            "purchase": "refused",
        },
    ),
    "checkout.ShippingZone.position": Change(9, {"zone order": "South North"}),
    # Without its zone the prefecture pays the flat rate.
    "checkout.ZonePrefecture.prefecture": Change(
        "osaka", {"confirmation": "¥650", "purchase": "refused"}
    ),
    # Without this row Tokyo's price without limit applies.
    "checkout.ShippingRate.zone": Change(
        "South", {"confirmation": "¥500", "purchase": "refused"}
    ),
    "checkout.ShippingRate.up_to": Change(
        999, {"confirmation": "¥500", "purchase": "refused"}
    ),
    "checkout.UnservedPrefecture.prefecture": Change(
        "tokyo",
        {
            "information": "Not available in Tokyo.",
            "confirmation": "status 303 /checkout/information/",
            "purchase": "refused",
        },
    ),
    "checkout.ShippingMethod.name_en": named(
        "Swift", "information", "confirmation", "order", "mail", "methods"
    ),
    "checkout.ShippingMethod.name_ja": named(
        "早い便", "information", "confirmation", "order", "mail", language="ja"
    ),
    "checkout.ShippingMethod.kind": Change(
        "pickup",
        {"confirmation": "status 303 /checkout/information/", "purchase": "refused"},
        {"information": "Parcel"},
    ),
    "checkout.PickupPlace.name_en": named("Ebisu", "information"),
    "checkout.PickupPlace.name_ja": named("恵比寿", "information", language="ja"),
    "checkout.PickupPlace.address_en": named("Ebisu 1", "information"),
    "checkout.PickupPlace.address_ja": named("恵比寿一", "information", language="ja"),
    "checkout.PickupPlace.hours_en": named("At night", "information"),
    "checkout.PickupPlace.hours_ja": named("夜間", "information", language="ja"),
    "checkout.PickupPlace.position": Change(9, {"place order": "Ginza Minato"}),
    "checkout.PickupPlace.is_active": Change(
        False, {}, {"information": "Minato, Tokyo"}
    ),
    "checkout.ShippingMethod.carrier": Change(
        "sagawa", {"methods": "Sagawa", "carrier of the order": "sagawa"}
    ),
    "checkout.ShippingMethod.basis": Change(
        "amount",
        {"confirmation": "¥500", "purchase": "refused"},
    ),
    "checkout.ShippingMethod.free_from_minor": Change(
        3000,
        {"list": "Free shipping from ¥3,000", "cart": "Free", "purchase": "refused"},
    ),
    "checkout.ShippingMethod.days_from": Change(
        0, {"promise": "ship 1, arrives 0 to 4"}, {"promise": "arrives 2"}
    ),
    "checkout.ShippingMethod.days_to": Change(
        9, {"promise": "ship 1, arrives 2 to 9"}, {"promise": "to 4"}
    ),
    "checkout.ShippingMethod.days_to_choose": Change(
        5, {"information": "No preference"}
    ),
    "checkout.ZoneTransit.zone": Change(
        "North", {"promise of the order": "arrives 10 to 12"}
    ),
    "checkout.ZoneTransit.days_from": Change(
        3, {"promise in the south": "arrives 3 to 12"}
    ),
    "checkout.ZoneTransit.days_to": Change(
        20, {"promise in the south": "arrives 10 to 20"}
    ),
    "checkout.WorkingCalendar.handling_days": Change(3, {"promise": "ship 3"}),
    "checkout.WorkingCalendar.cut_off": Change(time(0), {"promise": "ship 2"}),
    "checkout.WorkingCalendar.is_closed_on_holidays": Change(
        True, {"working days": "closed 2027-01-01"}
    ),
    **{
        f"checkout.WorkingCalendar.{name}": Change(
            False, {"working days": f"closed {day}"}
        )
        for name, day in WEEK.items()
    },
    "checkout.SpecialDay.day": Change(
        date(2027, 1, 7), {"working days": "closed 2027-01-07"}
    ),
    "checkout.SpecialDay.is_working": Change(
        True, {}, {"working days": "closed 2027-01-20"}
    ),
    "checkout.SpecialDay.note": named("Stocktaking", "special days"),
    "checkout.ShippingMethod.most_grams": Change(
        500,
        {
            "information": "Up to 0.5 kg; your items weigh 1 kg.",
            "confirmation": "status 303 /checkout/information/",
            "purchase": "refused",
        },
    ),
    "checkout.ShippingMethod.position": Change(9, {"method order": "Bulky Parcel"}),
    "checkout.ShippingMethod.is_active": Change(
        False,
        {"confirmation": "status 303 /checkout/information/", "purchase": "refused"},
        {"information": "Parcel"},
    ),
    "profile.ShopProfile.name_ja": named("株式会社朝", "paper", language="ja"),
    "profile.ShopProfile.name_en": named("Morning K.K.", "paper"),
    "profile.ShopProfile.address_ja": named("京都市", "paper", language="ja"),
    "profile.ShopProfile.address_en": named("Kyoto City", "paper"),
    "profile.ShopProfile.phone": named("03-9999-0000", "paper"),
    "profile.ShopProfile.email": named("new@shop.example", "paper"),
    "profile.ShopProfile.invoice_number": named("T7010705000725", "paper"),
    "auth.User.username": Change("hana", {"users": "hana", "sign-in": "no"}),
    "auth.User.password": Change("!", {"sign-in": "no"}),
    "auth.User.first_name": named("Hanako", "users", "front"),
    "auth.User.last_name": named("Minato", "users"),
    "auth.User.email": named("hana@shop.example", "users"),
    "auth.User.is_active": Change(False, {"sign-in": "no", "front": "status 302"}),
    "auth.User.is_staff": Change(
        False, {"front": "status 302", "orders": "status 302"}
    ),
    "auth.User.is_superuser": Change(True, {"orders": "Orders"}),
    "auth.User.groups": Change("Readers", {"orders": "Orders"}),
    "auth.User.user_permissions": Change(SEE_ORDERS, {"orders": "Orders"}),
    "auth.Group.name": named("Friends", "groups"),
    "auth.Group.permissions": Change(SEE_ORDERS, {"orders": "Orders"}),
}


def _clerk() -> User:
    return User.objects.exclude(username="root").get()


OBJECTS: dict[str, Callable[[], Model]] = {
    "catalogue.Category": lambda: Category.objects.get(slug="kitchen"),
    "catalogue.Product": lambda: Product.objects.get(slug="mug"),
    "catalogue.Variant": lambda: Variant.objects.get(sku="MUG-01"),
    "catalogue.Picture": lambda: Picture.objects.get(alt_en="View 1"),
    "inventory.StockItem": lambda: StockItem.objects.get(sku="MUG-01"),
    "checkout.ShippingZone": lambda: ShippingZone.objects.get(name="North"),
    "checkout.ZonePrefecture": lambda: ZonePrefecture.objects.get(prefecture="tokyo"),
    "checkout.ShippingMethod": lambda: ShippingMethod.objects.get(name_en="Parcel"),
    "checkout.PickupPlace": lambda: PickupPlace.objects.get(name_en="Minato"),
    "checkout.ShippingRate": lambda: ShippingRate.objects.get(up_to=2000),
    "checkout.SpecialDay": SpecialDay.objects.get,
    "checkout.WorkingCalendar": WorkingCalendar.objects.get,
    "checkout.ZoneTransit": ZoneTransit.objects.get,
    "checkout.UnservedPrefecture": UnservedPrefecture.objects.get,
    "profile.ShopProfile": ShopProfile.objects.get,
    "auth.User": _clerk,
    "auth.Group": lambda: Group.objects.get(name="Guests"),
}


@pytest.fixture
def goods(gateway: FakeGateway, media_dir: Path) -> None:
    """Mugs in the kitchen, tea among the drinks, two shipping methods and zones."""
    mug = make_product(pictures=2, units=200)
    make_variant(mug, "MUG-02", 1900, units=200, position=1)
    services.index_product(mug.pk)
    drinks = make_category("drinks", position=1)
    make_product(
        "tea",
        skus=("TEA-01",),
        pictures=0,
        category=drinks,
        position=1,
        name_en="Tea",
        name_ja="お茶",
    )
    Variant.objects.filter(sku="MUG-01").update(weight_grams=500)
    north = make_zone("North", "tokyo")
    south = make_zone("South", "okinawa", position=1)
    # Every day is a working day but one, so that a promise is the same on each.
    WorkingCalendar.objects.create(
        pk=1, saturday=True, sunday=True, is_closed_on_holidays=False
    )
    SpecialDay.objects.create(day=date(2027, 1, 20))
    parcel = make_method("Parcel", 650)
    add_rate(parcel, 450, north, up_to=2000)
    add_rate(parcel, 500, north)
    ZoneTransit.objects.create(method=parcel, zone=south, days_from=10, days_to=12)
    UnservedPrefecture.objects.create(method=parcel, prefecture="hokkaido")
    ShopProfile.objects.create(pk=1, name_ja="夜", name_en="Night")


@pytest.fixture
def clerk(db: None) -> User:
    User.objects.create_superuser("root", password=PASSWORD)
    readers = Group.objects.create(name="Readers")
    readers.permissions.set(Permission.objects.filter(codename=SEE_ORDERS))
    user = User.objects.create_user(STAFF, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.create(name="Guests"))
    return user


def apply(key: str, value: Any) -> None:
    """Set the field as the admin does, with what it calls afterwards."""
    model, _dot, name = key.rpartition(".")
    thing = OBJECTS[model]()
    former = getattr(thing, "slug", "")
    if isinstance(thing, Picture) and name == "file":
        thing.use(store(ContentFile(encoded(), name="new.png")))
    elif name == "category":
        setattr(thing, name, Category.objects.get(slug=value))
    elif name == "zone":
        setattr(thing, name, ShippingZone.objects.get(name=value))
    elif name == "groups":
        getattr(thing, name).set(Group.objects.filter(name=value))
    elif name in ("permissions", "user_permissions"):
        getattr(thing, name).set(Permission.objects.filter(codename=value))
    else:
        setattr(thing, name, value)
    thing.save()
    if isinstance(thing, Product | Category):
        services.keep_address(thing, former)
    for product in Product.objects.all():
        services.index_product(product.pk)
    # Its entries live for seconds.
    caches["pages"].clear()


def put_on_sale() -> None:
    Variant.objects.filter(sku="MUG-01").update(sale_minor=1234)


# What has to be so that a field has something to say.
PREPARED = {
    "catalogue.Variant.sale_from": put_on_sale,
    "catalogue.Variant.sale_until": put_on_sale,
}


def staff_fields() -> set[str]:
    """Return the fields of every form of the admin that changes a row."""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    found = set()
    for model, pages in admin.site._registry.items():
        if not pages.has_change_permission(request):
            continue
        thing = model()
        names = set(pages.get_form(request, thing).base_fields)
        found |= {f"{model._meta.label}.{name}" for name in names}
        for rows, _inline in pages.get_formsets_with_inlines(request, thing):
            names = set(rows.form.base_fields) - {rows.fk.name}
            found |= {f"{rows.model._meta.label}.{name}" for name in names}
    return found


@pytest.mark.django_db
def test_every_field_has_its_row_and_no_row_is_left_over() -> None:
    assert staff_fields() == set(TABLE)
    assert {key.rpartition(".")[0] for key in TABLE} == set(OBJECTS)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("key", TABLE)
def test_every_place_respects_the_field(goods: None, clerk: User, key: str) -> None:
    change = TABLE[key]
    shortage = make_shortage({"TEA-01": 1}, shelf_is_empty=False)
    make_method("Bulky", 900, position=1)
    make_pickup("Minato", "Ginza", position=20)
    PREPARED.get(key, lambda: None)()
    shop = Shop(change.language, shortage)
    places = [*change.shows, *change.hides]
    before = {name: PLACES[name](shop) for name in places if name not in ONE_WAY}

    apply(key, change.value)
    # Last, because they order what the cart holds.
    last = sorted(set(places), key=lambda name: name in ONE_WAY)
    after = {name: PLACES[name](shop) for name in last}

    for name, text in change.shows.items():
        assert text not in before.get(name, ""), f"{name} showed it before"
        assert text in after[name], f"{name} does not respect {key}"
    for name, text in change.hides.items():
        assert text in before[name], f"{name} did not show it before"
        assert text not in after[name], f"{name} does not respect {key}"
