"""Every field that staff can set, with what it changes in the shop."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

GONE = "no longer for sale"
FUTURE = datetime(2040, 1, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 1, tzinfo=UTC)
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
        # The menu links every category; the breadcrumb is the product's own.
        "drinks",
        {"product": '"position": 2, "name": "Drinks"'},
        {"category": "Morning Mug"},
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
    "catalogue.HomeBanner.eyebrow_en": named("Ten years", "home"),
    "catalogue.HomeBanner.eyebrow_ja": named("十周年", "home", language="ja"),
    "catalogue.HomeBanner.title_en": named("Of the fair", "home"),
    "catalogue.HomeBanner.title_ja": named("記念の品", "home", language="ja"),
    "catalogue.HomeBanner.text_en": named("Until Sunday", "home"),
    "catalogue.HomeBanner.text_ja": named("日曜まで", "home", language="ja"),
    "catalogue.HomeBanner.button_en": named("To the fair", "home"),
    "catalogue.HomeBanner.button_ja": named("会場へ", "home", language="ja"),
    "catalogue.HomeBanner.link": named("/c/drinks/?fair", "home"),
    "catalogue.HomeBanner.starts_at": Change(FUTURE, {}, {"home": "First banner"}),
    "catalogue.HomeBanner.ends_at": Change(PAST, {}, {"home": "First banner"}),
    "catalogue.HomeBanner.is_active": Change(False, {}, {"home": "First banner"}),
    "catalogue.HomeBanner.position": Change(
        9, {"home": "Second banner"}, {"home": "First banner"}
    ),
    # The tea is featured already.
    "catalogue.Product.is_featured": Change(
        True, {"featured": "mug tea"}, {"featured": "tea mug"}
    ),
    "catalogue.Product.position": Change(9, {"recommended": "tea mug"}),
    "catalogue.Product.released_at": off_sale(FUTURE),
    "catalogue.Product.release_on": Change(
        date(2040, 1, 2),
        {
            **dict.fromkeys(
                ("product", "cart", "confirmation", "order", "mail"),
                "Pre-order: sent from 2 January 2040",
            ),
            "list": ">Pre-order<",
            "purchase": "refused",
        },
        {"product": "Add to cart"},
    ),
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
    **{
        f"catalogue.Option.name_{language}": named(name, "product", language=language)
        for language, name in (("en", "Shade"), ("ja", "色合い"))
    },
    **{
        f"catalogue.OptionValue.name_{language}": named(
            name, "product", *SOLD, language=language
        )
        for language, name in (("en", "Ivory"), ("ja", "象牙色"))
    },
    "catalogue.Option.position": Change(9, {"options": "Size Colour"}),
    "catalogue.OptionValue.position": Change(9, {"option values": "Navy Red White"}),
    "catalogue.Variant.value_1": Change("Navy", dict.fromkeys(SOLD, "Navy")),
    "catalogue.Variant.value_2": Change("Large", {"product": "White / Large"}),
    "catalogue.Variant.value_3": Change("Red", {"product": "White / Small / Red"}),
    "catalogue.Variant.picture": Change("View 2", {"cart picture": "the second"}),
    # The mug is in a set with the tea, for 2,000 yen.
    "catalogue.BundlePart.variant": Change(
        "MUG-02", {"set": "¥3,700 one by one"}, {"set": "¥3,600 one by one"}
    ),
    "catalogue.BundlePart.quantity": Change(7, {"set": "\u00d7 7"}),
    "catalogue.BundlePart.position": Change(9, {"parts": "tea mug"}),
    "catalogue.RelatedProduct.goods": Change(
        "cup", {"product": ">Cup</a>"}, {"product": ">Tea</a>"}
    ),
    "catalogue.RelatedProduct.position": Change(9, {"related": "Cup Tea"}),
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
    "checkout.DeliveryCountry.code": Change(
        "FR", {"information": "France"}, {"information": "United States"}
    ),
    # No method has a price for that zone.
    "checkout.DeliveryCountry.zone": Change(
        "South", {"price abroad": "refused"}, {"information": "United States"}
    ),
    "checkout.DeliveryCountry.prices": Change("same", {"price abroad": "5400"}),
    "checkout.DeliveryCountry.tax_name": Change(
        "GST", {"price abroad": "0 % GST"}, {"price abroad": "0 % Sales tax"}
    ),
    "checkout.DeliveryCountry.standard_rate": Change(
        25, {"price abroad": "25 % Sales tax"}
    ),
    "checkout.DeliveryCountry.reduced_rate": Change(
        5, {"price abroad": "5 % Sales tax"}
    ),
    "checkout.DeliveryCountry.tax_up_to_minor": Change(
        1, {"price abroad": "[]"}, {"price abroad": "Sales tax"}
    ),
    "checkout.DeliveryCountry.tax_number": Change("ST-1", {"price abroad": "(ST-1)"}),
    "checkout.DeliveryCountry.is_active": Change(
        False, {"price abroad": "refused"}, {"information": "United States"}
    ),
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
    "profile.ShopProfile.shop_name_ja": named(
        "あさのみせ", "list", "mail", "legal", language="ja"
    ),
    "profile.ShopProfile.shop_name_en": named("Dawn Shop", "list", "mail", "legal"),
    "profile.ShopProfile.tagline_ja": named("朝の品。", "home", language="ja"),
    "profile.ShopProfile.tagline_en": named("Morning goods.", "home"),
    "profile.ShopProfile.colour": named("#123456", "icon", "list"),
    "profile.ShopProfile.representative_ja": named("朝子", "legal", language="ja"),
    "profile.ShopProfile.representative_en": named("Asako", "legal"),
    "profile.ShopProfile.hours_ja": named("朝だけ", "legal", "cart", language="ja"),
    "profile.ShopProfile.hours_en": named("Mornings", "legal", "cart"),
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
