"""The places that must respect what staff enter, each as text.

A page that does not open is a text such as "status 404", with the address to which it
leads.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from checkout.aftersales.shortages.substitutes import candidates
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.mail.messages import send_confirmation
from checkout.shipping.models import ShippingMethod
from checkout.shipping.offers import Goods, offers
from checkout.shipping.table import read_table
from orders.models import Order, Shortage
from shop.catalogue.models import Picture
from shop.money import Money
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    purchase_form,
)

STAFF = "yuki"
PASSWORD = "open-sesame"


@dataclass
class Shop:
    """A customer with a full cart before the change, and a clerk.

    ``form`` is the purchase's form as it was then.
    """

    language: str
    shortage: Shortage
    customer: Client = field(default_factory=Client)
    form: dict[str, Any] = field(default_factory=dict)
    ordered: Order | None = None

    def __post_init__(self) -> None:
        self.customer.defaults["HTTP_ACCEPT_LANGUAGE"] = self.language
        fill(self.customer, {"MUG-01": 2})
        method = ShippingMethod.objects.get(name_en="Parcel")
        details = RECIPIENT | {"method": str(method.pk)}
        self.customer.post(INFORMATION, details)
        self.form = purchase_form(self.customer)

    def get(self, address: str) -> str:
        return text_of(self.customer.get(address))

    def order(self) -> Order:
        """Order what the cart holds, the first time, and return the order."""
        if self.ordered is None:
            self.customer.post(CONFIRMATION, purchase_form(self.customer))
            self.ordered = Order.objects.latest("pk")
        return self.ordered


def text_of(answer: Any) -> str:
    if answer.status_code != 200:
        leads_to = answer.headers.get("Location", "")
        return f"status {answer.status_code} {leads_to}".strip()
    return " ".join(answer.content.decode().split())


def page(address: str) -> Callable[[Shop], str]:
    return lambda shop: shop.get(address)


def of_staff(address: str) -> Callable[[Shop], str]:
    """Return a page as a superuser sees it."""

    def read(shop: Shop) -> str:
        client = Client(headers={"accept-language": shop.language})
        client.force_login(User.objects.get(username="root"))
        return text_of(client.get(address))

    return read


def of_clerk(address: str) -> Callable[[Shop], str]:
    """Return a page as the clerk sees it, whatever their name is by now."""

    def read(shop: Shop) -> str:
        client = Client(headers={"accept-language": shop.language})
        client.force_login(User.objects.exclude(username="root").get())
        return text_of(client.get(address))

    return read


def shown(pattern: str, place: Callable[[Shop], str]) -> Callable[[Shop], str]:
    """Return all matches of ``pattern`` in the text of ``place``, in their order."""
    return lambda shop: " ".join(re.findall(pattern, place(shop)))


def categories(shop: Shop) -> str:
    """Return the categories above the list; the header has them, too."""
    return " ".join(
        re.findall(r'href="/c/(\w+)/"', shop.get("/goods/").split("<main")[1])
    )


def featured(shop: Shop) -> str:
    """Return the featured goods, which stand above the new ones."""
    row = shop.get("/").partition('id="newest"')[0]
    return " ".join(re.findall(r'href="/p/(\w+)/"', row))


def put_into_cart(shop: Shop) -> str:
    visitor = Client(headers={"accept-language": shop.language})
    answer = visitor.post("/cart/add/", {"sku": "MUG-01", "quantity": "1"}, follow=True)
    return text_of(answer)


def estimate(shop: Shop) -> str:
    """Return the cart of somebody whose address is not known yet."""
    visitor = Client(headers={"accept-language": shop.language})
    fill(visitor, {"MUG-01": 1})
    return text_of(visitor.get("/cart/"))


def price_abroad(_shop: Shop) -> str:
    """Return what the items would cost in the country of the fixtures, and its tax."""
    priced = quote(Cart.objects.earliest("pk"), "US")
    if not priced.offers:
        return "refused"
    taxes = [
        f"{part.rate} % {part.name} ({part.kept['number']})"
        for part in priced.tax
        if part.of
    ]
    return f"{priced.subtotal.minor} {taxes}"


def purchase(shop: Shop) -> str:
    """Send the form of before the change. Return whether it was ordered."""
    before = Order.objects.count()
    shop.customer.post(CONFIRMATION, shop.form)
    made = Order.objects.count() - before
    return (
        f"ordered for {Order.objects.latest('pk').total_minor}" if made else "refused"
    )


def order_page(shop: Shop) -> str:
    return shop.get(f"/orders/{shop.order().uid}/")


def promise_to(prefecture: str | None) -> Callable[[Shop], str]:
    """Return the first method's promise, in days from today and from the hand-over."""

    def read(_shop: Shop) -> str:
        offer = offers(Goods(Money(1000)), prefecture)[0]
        assert offer.promise
        today = timezone.localdate(offer.promise.now)
        return _promise(
            today, offer.promise.ship_by, offer.promise.earliest, offer.promise.latest
        )

    return read


def promise_of_order(shop: Shop) -> str:
    order = shop.order()
    assert order.ship_by
    assert order.promised_from
    assert order.promised_until
    today = timezone.localdate(order.placed_at)
    return _promise(today, order.ship_by, order.promised_from, order.promised_until)


def _promise(today: date, ship_by: date, earliest: date, latest: date) -> str:
    days = ((ship_by - today).days, (earliest - ship_by).days, (latest - ship_by).days)
    return "ship {}, arrives {} to {}".format(*days)


def closed_days(_shop: Shop) -> str:
    """Return the days of January 2027 on which no parcel is handed over."""
    calendar = read_table()[0].calendar
    days = [date(2027, 1, number) for number in range(1, 32)]
    return " ".join(f"closed {day}" for day in days if not calendar.is_working(day))


def mail_of_order(shop: Shop) -> str:
    send_confirmation(shop.order())
    return " ".join(str(mail.outbox[-1].body).split())


def substitutes(shop: Shop) -> str:
    """Return the names of what can be sent instead of missing tea."""
    found = candidates(shop.shortage.lines.get())
    return " ".join(each.variant.name for each in found.values())


def paper(shop: Shop) -> str:
    """Return the packing slip of the order with the shortage."""
    order = shop.shortage.order
    address = f"{ORDERS}papers/packing-slip/?order={order.number}"
    return of_staff(f"{address}&language={shop.language}")(shop)


def sign_in(_shop: Shop) -> str:
    return "yes" if Client().login(username=STAFF, password=PASSWORD) else "no"


def values_to_choose(shop: Shop) -> str:
    """Return the colours in the order in which staff choose among them."""
    form = of_staff(f"{PRODUCTS}add/")(shop)
    return " ".join(dict.fromkeys(re.findall(r"Colour: (\w+)", form)))


def which_picture(shop: Shop) -> str:
    second = Picture.objects.get(alt_en="View 2").shown.thumbnail
    return "the second" if second in shop.get("/cart/") else "another"


PRODUCTS = "/admin/catalogue/product/"
ORDERS = "/admin/orders/order/"
PLACES: dict[str, Callable[[Shop], str]] = {
    "list": page("/goods/"),
    "home": page("/"),
    "recommended": shown(r'href="/p/(\w+)/"', page("/goods/")),
    "featured": featured,
    "newest": shown(r'href="/p/(\w+)/"', page("/goods/?sort=newest")),
    "category": page("/c/kitchen/"),
    "categories": categories,
    "search": page("/search/?q=mug"),
    "search by text": page("/search/?q=%C3%A9clair"),
    "product": page("/p/mug/"),
    "variants": shown(r'name="sku" value="([^"]+)"', page("/p/mug/")),
    "pictures": shown(r'<figure[^>]*> <img[^>]* alt="([^"]+)"', page("/p/mug/")),
    "options": shown(
        r"/admin/catalogue/option/\d+/change/\">(\w+)",
        of_staff("/admin/catalogue/option/"),
    ),
    "option values": values_to_choose,
    "set": page("/p/set/"),
    "parts": shown(r'<li><a href="/p/(\w+)/">', page("/p/set/")),
    "related": shown(r"<h3[^>]*><a[^>]*>(\w+)</a>", page("/p/mug/")),
    "cart picture": which_picture,
    "add": put_into_cart,
    "cart": page("/cart/"),
    "estimate": estimate,
    "price abroad": price_abroad,
    "confirmation": page(CONFIRMATION),
    "purchase": purchase,
    "order": order_page,
    "mail": mail_of_order,
    "substitutes": substitutes,
    "stock": of_staff("/admin/inventory/stockitem/"),
    "promise": promise_to(None),
    "promise in the south": promise_to("okinawa"),
    "promise of the order": promise_of_order,
    "working days": closed_days,
    "special days": of_staff("/admin/checkout/specialday/"),
    "information": page(INFORMATION),
    "carrier of the order": lambda shop: shop.order().shipping_carrier,
    "method order": shown(r'"method-name">(\w+)', page(INFORMATION)),
    "place order": shown(r'"method-name">Pick-up: (\w+)', page(INFORMATION)),
    "methods": of_staff("/admin/checkout/shippingmethod/"),
    "zones": of_staff("/admin/checkout/shippingzone/"),
    "zone order": shown(
        r"/admin/checkout/shippingzone/\d+/change/\">(\w+)",
        of_staff("/admin/checkout/shippingzone/"),
    ),
    "users": of_staff("/admin/auth/user/"),
    "groups": of_staff("/admin/auth/group/"),
    "paper": paper,
    "legal": page("/pages/legal/"),
    "icon": page("/icon.svg"),
    "sign-in": sign_in,
    "front": of_clerk("/admin/"),
    "orders": of_clerk(ORDERS),
    "clerk's users": of_clerk("/admin/auth/user/"),
}


# Reading them orders what the cart holds.
ONE_WAY = {
    "purchase",
    "order",
    "mail",
    "carrier of the order",
    "promise of the order",
}
