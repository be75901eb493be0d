"""Every field that staff can set is read by the places that must respect it.

The fields are discovered from the admin's forms: a new one without a row here fails.
A row names a new value, what each place shows because of it, and what it no longer
shows. What the place showed before is read as well, so that no row is true by chance.
"""

from collections.abc import Callable
from datetime import date
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
    DeliveryCountry,
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
from shop.catalogue.models import (
    BundlePart,
    Category,
    HomeBanner,
    Option,
    OptionValue,
    Picture,
    Product,
    RelatedProduct,
    Variant,
)
from shop.catalogue.pictures import store
from shop.profile.models import ShopProfile
from tests.backoffice.admin import endpoint_fields as endpoints
from tests.backoffice.admin import places as of_shop
from tests.backoffice.admin import prepared_fields, staff_fields
from tests.backoffice.admin import promotion_fields as promotions
from tests.backoffice.admin.places import ONE_WAY, PASSWORD, STAFF, Shop
from tests.backoffice.admin.staff_fields import SEE_ORDERS
from tests.support.catalogue import make_category, make_product, make_variant
from tests.support.shipping import add_rate, make_method, make_pickup, make_zone
from tests.support.shortages import make_shortage
from tests.support.uploads import encoded


def _clerk() -> User:
    return User.objects.exclude(username="root").get()


OBJECTS: dict[str, Callable[[], Model]] = {
    "catalogue.Category": lambda: Category.objects.get(slug="kitchen"),
    "catalogue.Product": lambda: Product.objects.get(slug="mug"),
    "catalogue.Variant": lambda: Variant.objects.get(sku="MUG-01"),
    "catalogue.Picture": lambda: Picture.objects.get(alt_en="View 1"),
    "catalogue.Option": lambda: Option.objects.get(name_en="Colour"),
    "catalogue.OptionValue": lambda: OptionValue.objects.get(name_en="White"),
    "catalogue.RelatedProduct": lambda: RelatedProduct.objects.get(goods__slug="tea"),
    "catalogue.BundlePart": lambda: BundlePart.objects.get(variant__sku="MUG-01"),
    "inventory.StockItem": lambda: StockItem.objects.get(sku="MUG-01"),
    "checkout.ShippingZone": lambda: ShippingZone.objects.get(name="North"),
    "checkout.DeliveryCountry": DeliveryCountry.objects.get,
    "checkout.ZonePrefecture": lambda: ZonePrefecture.objects.get(prefecture="tokyo"),
    "checkout.ShippingMethod": lambda: ShippingMethod.objects.get(name_en="Parcel"),
    "checkout.PickupPlace": lambda: PickupPlace.objects.get(name_en="Minato"),
    "checkout.ShippingRate": lambda: ShippingRate.objects.get(up_to=2000),
    "checkout.SpecialDay": SpecialDay.objects.get,
    "checkout.WorkingCalendar": WorkingCalendar.objects.get,
    "checkout.ZoneTransit": ZoneTransit.objects.get,
    "checkout.UnservedPrefecture": UnservedPrefecture.objects.get,
    "catalogue.HomeBanner": lambda: HomeBanner.objects.get(position=5),
    "profile.ShopProfile": ShopProfile.objects.get,
    "auth.User": _clerk,
    "auth.Group": lambda: Group.objects.get(name="Guests"),
    **promotions.OBJECTS,
    **endpoints.OBJECTS,
}
TABLE = staff_fields.TABLE | promotions.TABLE | endpoints.TABLE
PLACES = of_shop.PLACES | promotions.PLACES | endpoints.PLACES
PREPARED = prepared_fields.PREPARED | promotions.PREPARED


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
    Product.objects.filter(slug="tea").update(is_featured=True)
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
    tax = {"tax_name": "Sales tax", "standard_rate": 0, "reduced_rate": 0}
    DeliveryCountry.objects.create(code="US", zone=north, **tax)
    ZoneTransit.objects.create(method=parcel, zone=south, days_from=10, days_to=12)
    UnservedPrefecture.objects.create(method=parcel, prefecture="hokkaido")
    ShopProfile.objects.create(pk=1, name_ja="夜", name_en="Night")
    for title in ("First", "Second"):
        HomeBanner.objects.create(
            title_ja=title, title_en=f"{title} banner", position=len(title)
        )
    promotions.set_up()
    endpoints.set_up()


@pytest.fixture
def clerk(db: None) -> User:
    User.objects.create_superuser("root", password=PASSWORD)
    readers = Group.objects.create(name="Readers")
    readers.permissions.set(Permission.objects.filter(codename=SEE_ORDERS))
    user = User.objects.create_user(STAFF, password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.create(name="Guests"))
    return user


def _value(name: str) -> Model:
    return OptionValue.objects.get(name_en=name)


# Rows that a field chooses, by what the table calls them.
BY_NAME: dict[str, Callable[[str], Model]] = {
    "category": lambda slug: Category.objects.get(slug=slug),
    "goods": lambda slug: Product.objects.get(slug=slug),
    "picture": lambda text: Picture.objects.get(alt_en=text),
    "variant": lambda sku: Variant.objects.get(sku=sku),
    "value_1": _value,
    "value_2": _value,
    "value_3": _value,
    "zone": lambda name: ShippingZone.objects.get(name=name),
}


def apply(key: str, value: Any) -> None:
    """Set the field as the admin does, with what it calls afterwards."""
    model, _dot, name = key.rpartition(".")
    thing = OBJECTS[model]()
    former = getattr(thing, "slug", "")
    if not promotions.apply(thing, name, value):
        _set(thing, name, value)
    thing.save()
    if isinstance(thing, Product | Category):
        services.keep_address(thing, former)
    for product in Product.objects.all():
        services.index_product(product.pk)
    # Its entries live for seconds.
    caches["pages"].clear()


def _set(thing: Model, name: str, value: Any) -> None:
    if isinstance(thing, Picture) and name == "file":
        thing.use(store(ContentFile(encoded(), name="new.png")))
    elif name in BY_NAME:
        setattr(thing, name, BY_NAME[name](value))
    elif name == "groups":
        getattr(thing, name).set(Group.objects.filter(name=value))
    elif name in ("permissions", "user_permissions"):
        getattr(thing, name).set(Permission.objects.filter(codename=value))
    else:
        setattr(thing, name, value)


def fields_of_forms() -> set[str]:
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
    assert fields_of_forms() == set(TABLE)
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
