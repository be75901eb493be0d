"""Categories, products, variants, pictures, former addresses; their version."""

from shop.catalogue.models.address import FormerAddress
from shop.catalogue.models.banner import HomeBanner
from shop.catalogue.models.bundle import BundlePart
from shop.catalogue.models.category import Category
from shop.catalogue.models.languages import in_language
from shop.catalogue.models.option import MOST_OPTIONS, Option, OptionValue
from shop.catalogue.models.picture import Picture, Shown
from shop.catalogue.models.price import PriceNow, price_now_sql
from shop.catalogue.models.price_change import PriceChange, terms_of
from shop.catalogue.models.product import MOST_PER_ORDER, Product, Sort
from shop.catalogue.models.related import RelatedProduct
from shop.catalogue.models.release import published
from shop.catalogue.models.unused_picture import UnusedPicture
from shop.catalogue.models.variant import Variant, shop_currency
from shop.catalogue.models.window import InShopWindow, WindowVersion

__all__ = [
    "MOST_OPTIONS",
    "MOST_PER_ORDER",
    "BundlePart",
    "Category",
    "FormerAddress",
    "HomeBanner",
    "InShopWindow",
    "Option",
    "OptionValue",
    "Picture",
    "PriceChange",
    "PriceNow",
    "Product",
    "RelatedProduct",
    "Shown",
    "Sort",
    "UnusedPicture",
    "Variant",
    "WindowVersion",
    "in_language",
    "price_now_sql",
    "published",
    "shop_currency",
    "terms_of",
]
