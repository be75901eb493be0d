"""Place demo orders through the same services as the web pages."""

import random
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, WRONG
from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from checkout.announcements.errors import CheckoutPaused
from checkout.cart import services as carts
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from inventory.models import StockItem
from orders.models import Order
from shop.catalogue.models import Variant

_RECIPIENT = {
    "email": "demo@minato-tv.example",
    "name": "港 花子",
    "phone": "03-1234-5678",
    "postcode": "105-0011",
    "prefecture": "tokyo",
    "city": "港区",
    "street": "芝公園4-2-8",
    "building": "",
    "delivery": "door",
}


class Command(BaseCommand):
    help = "Place N demo orders of one random article each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", metavar="N", type=int)
        parser.add_argument("--card", default="pm_card_visa", help="a Stripe test card")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["count"] < 1:
            message = "N must be at least 1"
            raise CommandError(message, returncode=WRONG)
        try:
            orders = [self._place(options["card"]) for _n in range(options["count"])]
        except CheckoutPaused as error:
            message = f"{error}; first: manage.py checkout_resume"
            raise CommandError(message, returncode=REFUSED) from error
        if options["json"]:
            document = [
                {"order": row.number, "uid": str(row.uid), "total": row.total_minor}
                for row in orders
            ]
            print_json(self.stdout, document)
            return
        for order in orders:
            self.stdout.write(f"{order.number}  {order.total.format()}")

    def _place(self, card: str) -> Order:
        line = carts.add(None, self._sku_in_stock(), 1)
        cart = Cart.objects.get(pk=line.cart_id)
        carts.keep_information(cart, _RECIPIENT)
        return place_order(cart, quote(cart), token=card, language="ja")

    def _sku_in_stock(self) -> str:
        on_sale = set(Variant.objects.on_sale().values_list("sku", flat=True))
        rows = StockItem.objects.filter(sku__in=on_sale)
        free = [item.sku for item in rows if item.free > 0]
        if not free:
            message = "nothing is in stock; receive some in the admin, or load_demo"
            raise CommandError(message)
        return random.choice(free)  # noqa: S311
