"""A member of staff over HTTP, without a browser."""

import requests

from orders.models import Order
from shop.local.demo.load import ADMIN_NAME, ADMIN_PASSWORD
from tests.support.customer import Customer, Fields
from tests.support.live import LiveStack

RESUME = "/admin/backoffice/stalledorder/resume/"


class Clerk(Customer):
    """A member of staff on the pages of the back office."""

    def sign_in(self) -> "Clerk":
        self.get("/admin/login/")
        fields = {
            "username": ADMIN_NAME,
            "password": ADMIN_PASSWORD,
            "next": "/admin/",
        }
        page = self.post("/admin/login/", fields)
        assert page.url.endswith("/admin/"), page.text
        return self

    def stalled_orders(self) -> str:
        return self.get("/admin/backoffice/stalledorder/").text

    def resume_form(self, order: Order) -> dict[str, str]:
        """Open the preview of resuming. Return the hidden fields of its form."""
        page = self.get(f"{RESUME}?order={order.pk}").text
        return Fields(page).with_field("order")

    def resume(self, form: dict[str, str], reason: str) -> requests.Response:
        return self.post(RESUME, {**form, "reason": reason})


def signed_in(stack: LiveStack) -> Clerk:
    return Clerk(stack).sign_in()
