"""Fill an empty shop with the demo's goods, stock, shipping rates and sign-in."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from checkout.cart.models import ShippingTerms, ShippingZone, ZonePrefecture
from checkout.cart.prefectures import Prefecture
from inventory.services import receive
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.catalogue.services import index_product
from shop.local.demo.goods import DemoGoods, DemoProduct, read_goods

ADMIN_NAME = "admin"
ADMIN_PASSWORD = "admin-demo"  # noqa: S105 - published on purpose; never in production
_DELIVERY = "demo-opening-stock"
# Name of the zone -> shipping rate in minor units, and its prefectures.
_ZONES = {
    "北海道 Hokkaido": (1200, [Prefecture.HOKKAIDO]),
    "沖縄 Okinawa": (1500, [Prefecture.OKINAWA]),
}


@dataclass(frozen=True)
class Loaded:
    """The number of added products, and whether the admin was added."""

    products: int
    admin: bool


@transaction.atomic
def load_demo() -> Loaded:
    """Add the goods if there is no product, and a superuser if there is none.

    A shop with any product is left as its staff changed it. All is one transaction.
    Twice is once.

    Raises:
        PictureMissing: a picture's file is missing. Nothing was added.
    """
    products = 0
    if not Product.objects.exists():
        products = _load_goods(read_goods())
        _load_shipping()
    return Loaded(products, _load_admin())


def _load_goods(goods: DemoGoods) -> int:
    categories = {}
    for position, entry in enumerate(goods.categories):
        categories[entry.slug], _created = Category.objects.get_or_create(
            slug=entry.slug,
            defaults={
                "name_en": entry.name_en,
                "name_ja": entry.name_ja,
                "position": position,
            },
        )
    for position, product in enumerate(goods.products):
        _load_product(product, categories[product.category], position)
    return len(goods.products)


def _load_shipping() -> None:
    """Store the shipping rates, so that staff can change them."""
    if ShippingTerms.objects.exists() or ShippingZone.objects.exists():
        return
    ShippingTerms.objects.create(pk=1)
    for position, (name, (rate, prefectures)) in enumerate(_ZONES.items()):
        zone = ShippingZone.objects.create(
            name=name, rate_minor=rate, position=position
        )
        ZonePrefecture.objects.bulk_create(
            ZonePrefecture(zone=zone, prefecture=prefecture)
            for prefecture in prefectures
        )


def _load_product(entry: DemoProduct, category: Category, position: int) -> None:
    product = Product.objects.create(
        slug=entry.slug,
        category=category,
        name_en=entry.name_en,
        name_ja=entry.name_ja,
        description_en=entry.description_en,
        description_ja=entry.description_ja,
        programme_en=entry.programme_en,
        programme_ja=entry.programme_ja,
        tax_rate=entry.tax_rate,
        position=position,
        released_at=timezone.now() - timedelta(days=entry.days),
    )
    _load_variants(product, entry)
    _load_pictures(product, entry)
    index_product(product.pk)


def _load_variants(product: Product, entry: DemoProduct) -> None:
    Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=variant.sku,
            label_en=variant.label.en if variant.label else "",
            label_ja=variant.label.ja if variant.label else "",
            price_minor=entry.price_minor,
            position=position,
        )
        for position, variant in enumerate(entry.variants)
    )
    for variant in entry.variants:
        if variant.units:
            receive(variant.sku, variant.units, _DELIVERY, actor="load_demo")


def _load_pictures(product: Product, entry: DemoProduct) -> None:
    for position, picture in enumerate(entry.pictures):
        Picture.objects.create(
            product=product,
            file=ContentFile(picture.content, name=picture.file_name),
            alt_en=picture.alt_en,
            alt_ja=picture.alt_ja,
            position=position,
        )


def _load_admin() -> bool:
    people = get_user_model().objects
    if people.filter(is_superuser=True).exists():
        return False
    if people.filter(username=ADMIN_NAME).exists():
        return False
    people.create_superuser(
        ADMIN_NAME, email="admin@minato-tv.example", password=ADMIN_PASSWORD
    )
    return True
