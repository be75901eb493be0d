"""Fill an empty shop with the demo's goods, stock, shipping, postcodes and sign-in."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from checkout.postcodes.ken_all import read_file
from checkout.postcodes.models import PostcodeArea
from checkout.postcodes.services import merge, replace
from checkout.shipping.models import (
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from checkout.shipping.prefectures import Prefecture
from checkout.shipping.table import STANDARD_NAMES, STANDARD_RATE
from inventory.services import adjust, receive
from shop.catalogue.drawings import store_drawing
from shop.catalogue.models import (
    Category,
    HomeBanner,
    Option,
    OptionValue,
    Picture,
    Product,
    Variant,
)
from shop.catalogue.price_history import record_prices
from shop.catalogue.services import add_picture, index_product
from shop.local.demo.goods import (
    USUAL_STOCK,
    DemoGoods,
    DemoProduct,
    DemoVariant,
    Label,
    read_goods,
)
from shop.profile.models import ShopProfile

ADMIN_NAME = "admin"
ADMIN_PASSWORD = "admin-demo"  # noqa: S105 - published on purpose; never in production
POSTCODES = Path(__file__).with_name("postcodes.csv")
_DELIVERY = "demo-opening-stock"
_CUT_OFF = time(14)
_SALE = timedelta(days=14)
_OPTIONS = (("Colour", "カラー"), ("Size", "サイズ"))
# Name of the zone -> shipping rate in minor units, and its prefectures.
_ZONES = {
    "北海道 Hokkaido": (1200, [Prefecture.HOKKAIDO]),
    "沖縄 Okinawa": (1500, [Prefecture.OKINAWA]),
}
_PROFILE = {
    "shop_name_ja": "みなと TV ショップ",
    "shop_name_en": "Minato TV Shop",
    "tagline_ja": "みなとテレビの番組グッズを、お茶の間へお届けします。",
    "tagline_en": "Goods from the programmes of Minato TV, for your living room.",
    "name_ja": "株式会社みなとテレビ",
    "name_en": "Minato Television K.K.",
    "address_ja": "〒105-0000\n東京都港区1-2-3",
    "address_en": "1-2-3 Minato-ku\nTokyo 105-0000, Japan",
    "representative_ja": "通販部 港 花子",
    "representative_en": "Hanako Minato",
    "phone": "03-0000-0000",
    "hours_ja": "平日10時〜17時",
    "hours_en": "Weekdays 10:00 to 17:00",
    "email": "shop@minato-tv.example",
}
_BANNER = {
    "eyebrow_ja": "おはようみなと 10周年",
    "eyebrow_en": "Good Morning Minato: 10 years",
    "title_ja": "記念グッズ、朝6時55分から発売中",
    "title_en": "Anniversary goods, on air since 6:55",
    "text_ja": "番組で紹介した商品を、そのままお届けします。",
    "text_en": "What you saw on the programme, delivered to your door.",
    "button_ja": "記念グッズを見る",
    "button_en": "See the collection",
    "link": "/search/?q=Good+Morning+Minato",
}


@dataclass(frozen=True)
class Loaded:
    """The number of added products, and whether the admin was added."""

    products: int
    admin: bool


@transaction.atomic
def load_demo() -> Loaded:
    """Add the goods if there is no product, and a superuser if there is none.

    Some postcodes are added if there are none. A shop with any product is left as its
    staff changed it. All is one transaction. Twice is once.

    Raises:
        PictureMissing: a picture's file is missing. Nothing was added.
    """
    products = 0
    if not Product.objects.exists():
        products = _load_goods(read_goods())
        _load_shipping()
        _load_profile()
    if not PostcodeArea.objects.exists():
        # A few of each prefecture: docs/checkout-fields.md says how to load all.
        replace(merge(read_file(POSTCODES)))
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
    """Add the zones and their prices to the shipping method that a new shop has."""
    if ShippingZone.objects.exists():
        return
    WorkingCalendar.objects.get_or_create(
        pk=1, defaults={"cut_off": _CUT_OFF, "handling_days": 0}
    )
    method, _is_new = ShippingMethod.objects.update_or_create(
        name_en=STANDARD_NAMES["en"],
        defaults={
            "name_ja": STANDARD_NAMES["ja"],
            "days_from": 1,
            "days_to": 2,
            "days_to_choose": 7,
        },
    )
    ShippingRate.objects.get_or_create(
        method=method, zone=None, up_to=None, defaults={"rate_minor": STANDARD_RATE}
    )
    for position, (name, (rate, prefectures)) in enumerate(_ZONES.items()):
        zone = ShippingZone.objects.create(name=name, position=position)
        ShippingRate.objects.create(method=method, zone=zone, rate_minor=rate)
        ZoneTransit.objects.create(method=method, zone=zone, days_from=2, days_to=4)
        ZonePrefecture.objects.bulk_create(
            ZonePrefecture(zone=zone, prefecture=prefecture)
            for prefecture in prefectures
        )


def _load_profile() -> None:
    """Say who sells, and what the home page begins with, if nobody has."""
    ShopProfile.objects.get_or_create(pk=1, defaults=_PROFILE)
    if not HomeBanner.objects.exists():
        HomeBanner.objects.create(**_BANNER)


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
    pictures = _load_pictures(product, entry)
    _load_variants(product, entry, pictures)
    index_product(product.pk)
    record_prices(product, "load_demo")


def _load_variants(
    product: Product, entry: DemoProduct, pictures: list[Picture]
) -> None:
    Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=variant.sku,
            **_options(variant),
            picture=None if variant.view is None else pictures[variant.view],
            price_minor=entry.price_minor,
            sale_minor=entry.sale_minor,
            sale_until=_end_of_sale() if entry.sale_minor else None,
            position=position,
        )
        for position, variant in enumerate(entry.variants)
    )
    for variant in entry.variants:
        _load_stock(variant)


def _options(variant: DemoVariant) -> dict[str, OptionValue]:
    """Return the values of the variant's options, added if they are new."""
    chosen = [
        (names, label)
        for names, label in zip(_OPTIONS, (variant.colour, variant.size), strict=True)
        if label
    ]
    return {
        f"value_{number}": _value(names, label)
        for number, (names, label) in enumerate(chosen, 1)
    }


def _value(names: tuple[str, str], label: Label) -> OptionValue:
    option, _is_new = Option.objects.get_or_create(
        name_en=names[0],
        defaults={"name_ja": names[1], "position": _OPTIONS.index(names)},
    )
    value, _is_new = OptionValue.objects.get_or_create(
        option=option,
        name_en=label.en,
        defaults={"name_ja": label.ja, "position": option.values.count()},
    )
    return value


def _end_of_sale() -> datetime:
    """Return the midnight after two weeks."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + _SALE


def _load_stock(variant: DemoVariant) -> None:
    """Receive the goods; what the shop has none of came in, and was sold elsewhere."""
    units = variant.units or USUAL_STOCK
    receive(variant.sku, units, _DELIVERY, actor="load_demo")
    if not variant.units:
        note = "Sold at the station"
        adjust(variant.sku, -units, _DELIVERY, note, "load_demo")


def _load_pictures(product: Product, entry: DemoProduct) -> list[Picture]:
    return [
        add_picture(
            product,
            [store_drawing(picture.content)],
            alt_en=picture.alt_en,
            alt_ja=picture.alt_ja,
            position=position,
        )
        for position, picture in enumerate(entry.pictures)
    ]


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
