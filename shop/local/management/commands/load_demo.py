"""``manage.py load_demo``: goods, stock, shipping rates and a staff user to try."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.local.demo.goods import PictureMissing
from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD, load_demo


class Command(BaseCommand):
    help = (
        "Fills an empty shop with the demo's goods, stock, shipping rates and "
        f"the staff user {ADMIN_NAME} (password {ADMIN_PASSWORD}). A shop that already "
        "sells something keeps everything as its staff left it. Refused in production."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.PRODUCTION:
            message = "PRODUCTION is set: the demo's password is public. Nothing done."
            raise CommandError(message)
        try:
            loaded = load_demo()
        except PictureMissing as error:
            raise CommandError(str(error)) from error
        if loaded.products:
            self.stdout.write(f"Demo: {loaded.products} products with stock.")
        else:
            self.stdout.write("Demo: the shop has products already; left as they are.")
        if loaded.admin:
            self.stdout.write(f"Demo: sign in as {ADMIN_NAME} / {ADMIN_PASSWORD}.")
