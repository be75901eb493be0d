"""What a new shop needs before it opens. Each step is read from the shop itself."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import gettext as _

from checkout.shipping.models import ShippingRate
from inventory.models import StockItem
from orders.models import Order
from shop.catalogue.models import Product
from shop.pages.models import PageVersion
from shop.pages.selectors import list_pages
from shop.profile.models import ShopProfile

_SMTP = "shop.outbound.mail_backend.EmailBackend"
# Who may change the profile sets the shop up.
SET_UP = "profile.change_shopprofile"


@dataclass(frozen=True)
class Step:
    """One line. ``url`` is where it is done; "": not in the admin."""

    title: str
    hint: str
    url: str
    is_done: bool


def may_set_up(user: User | AnonymousUser) -> bool:
    return user.has_perm(SET_UP)


def list_steps() -> list[Step]:
    """Return all steps in their order, as they are now: six queries."""
    return [
        _profile(),
        _pages(),
        Step(
            _("Set your shipping fees"),
            _("Methods, prices by area, and how many days they take."),
            _list_of("checkout_shippingmethod"),
            ShippingRate.objects.filter(method__is_active=True).exists(),
        ),
        Step(
            _("Add your first product"),
            _("With a category, a picture and a price."),
            _list_of("catalogue_product"),
            Product.objects.on_sale().exists(),
        ),
        Step(
            _("Receive stock"),
            _("What is not in stock is shown as sold out."),
            _list_of("inventory_stockitem"),
            StockItem.objects.filter(on_hand__gt=0).exists(),
        ),
        Step(
            _("Connect Stripe"),
            _("Set STRIPE_SECRET_KEY and the two other STRIPE_... settings."),
            "",
            not settings.STRIPE_IS_SANDBOX,
        ),
        Step(
            _("Send mail"),
            _("Set EMAIL_URL and DEFAULT_FROM_EMAIL; until then mails are only files."),
            "",
            settings.EMAIL_BACKEND == _SMTP,
        ),
        Step(
            _("Place a test order"),
            _("Buy something, ship it, and look at the mails."),
            _list_of("orders_order"),
            Order.objects.filter(
                status__in=[Order.Status.CONFIRMED, Order.Status.SHIPPED]
            ).exists(),
        ),
    ]


def _profile() -> Step:
    """Return the step of the profile: done with all that the law asks for."""
    row = ShopProfile.objects.first()
    needed = row and (
        row.shop_name_ja,
        row.shop_name_en,
        row.address_ja,
        row.representative_ja,
        row.phone,
        row.email,
    )
    page = "change" if row else "add"
    return Step(
        _("Say who sells"),
        _("Shop name, address, person in charge, phone and email."),
        reverse(f"admin:profile_shopprofile_{page}", args=[row.pk] if row else []),
        bool(needed) and all(needed or ()),
    )


def _pages() -> Step:
    standard = [page for page in list_pages() if page.is_standard]
    done = sum(1 for page in standard if page.number)
    hint = _("%(done)s of %(all)s are published; the others show a first draft.")
    return Step(
        _("Read and publish the pages"),
        hint % {"done": done, "all": len(standard)},
        _list_of(PageVersion._meta.label_lower.replace(".", "_")),  # noqa: SLF001
        done == len(standard),
    )


def _list_of(model: str) -> str:
    return reverse(f"admin:{model}_changelist")
