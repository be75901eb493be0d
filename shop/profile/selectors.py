"""Read who the seller is, in the active language."""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from shop.profile.models import ShopProfile


@dataclass(frozen=True)
class Seller:
    """The seller as papers name it. ``address`` may have several lines."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    invoice_number: str = ""


def read_profile() -> ShopProfile:
    """Return the row that staff edit; without one, unsaved, what the settings say."""
    return ShopProfile.objects.first() or default_profile()


def name_of_shop() -> str:
    """Return the name that staff gave the shop, in the active language; "" before."""
    profile = ShopProfile.objects.first()
    return profile.shop_name if profile else ""


def default_profile() -> ShopProfile:
    """Return what the settings say of the seller, as an unsaved row."""
    names: dict[str, str] = settings.SHOP_NAME
    return ShopProfile(
        shop_name_ja=names["ja"],
        shop_name_en=names["en"],
        name_ja=settings.SELLER_NAME or names["ja"],
        name_en=settings.SELLER_NAME or names["en"],
        address_ja=settings.SELLER_ADDRESS,
        address_en=settings.SELLER_ADDRESS,
        phone=settings.SELLER_PHONE,
        email=settings.SELLER_EMAIL or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        invoice_number=settings.SELLER_INVOICE_NUMBER,
    )


def read_seller() -> Seller:
    """Return the seller in the active language: one query."""
    profile = read_profile()
    return Seller(
        name=profile.name,
        address=profile.address,
        phone=profile.phone,
        email=profile.email,
        invoice_number=profile.invoice_number,
    )
