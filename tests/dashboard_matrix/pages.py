"""The pages about one order, and the buttons that end it."""

import re
from dataclasses import dataclass, field
from html import unescape
from uuid import uuid4

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from backoffice.roles import GROUPS
from checkout.status.sagas import sagas_of_orders
from orders.models import Order
from tests.backoffice.answers import Answer
from tests.support.commands import call
from tests.support.desk import Form

_SCRIPT = re.compile(r"<(script|style|svg|nav|title)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SPACE = re.compile(r"\s+")


def text_of(html: str) -> str:
    """Return what a person reads of a page."""
    bare = _TAG.sub(" ", _SCRIPT.sub(" ", html))
    return _SPACE.sub(" ", unescape(bare)).strip()


@dataclass
class Staff:
    """A member of the groups Operator and Refunder, at the pages of one order.

    Pages are kept until ``forget``: what was read on one is offered by the same one.
    """

    client: Client
    _kept: dict[str, Answer] = field(default_factory=dict)

    @classmethod
    def sign_in(cls) -> "Staff":
        names = {*GROUPS["Operator"], *GROUPS["Refunder"]}
        user = User.objects.create_user("yuki", is_staff=True)
        codenames = [name.split(".")[1] for name in names]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return cls(client)

    def answer(self, name: str, *args: object) -> Answer:
        address = reverse(name, args=args)
        if address not in self._kept:
            answer: Answer = self.client.get(address)
            assert answer.status_code == 200, (name, answer.status_code)
            self._kept[address] = answer
        return self._kept[address]

    def forget(self) -> None:
        """Ask for every page again: something has happened to the order."""
        self._kept.clear()

    def texts(self, order: Order, *, every: bool) -> dict[str, str]:
        """Return what pages of staff say about the order: every one, or the chief."""
        pages = {
            "saga page": self.answer("admin:backoffice_stalledorder_change", order.pk)
        }
        if every:
            pages |= {
                "order page": self.answer("admin:orders_order_change", order.pk),
                "list": self.answer("admin:orders_order_changelist"),
            }
        texts = {name: text_of(page.content.decode()) for name, page in pages.items()}
        return texts | {"saga_show": call("saga_show", order.number)}

    def offers(self, order: Order) -> set[str]:
        """Return the names of what the pages of the order offer."""
        saga_page = self.answer("admin:backoffice_stalledorder_change", order.pk)
        page = self.answer("admin:orders_order_change", order.pk)
        offered = {button.name for button in saga_page.context["buttons"]}
        if saga_page.context["overview"].is_stopped:
            offered.add("resume")
        for name in ("release", "ship", "call_off"):
            if page.context[f"may_{name}"]:
                offered.add(name)
        if page.context["refundable"]:
            offered.add("refund")
        return offered

    def press(self, order: Order, name: str) -> None:
        """Press a button of the order. A page may say that it cannot be done."""
        fields: dict[str, object] = {"reason": "looked into it"}
        match name:
            case "resume":
                page = reverse("admin:backoffice_stalledorder_resume")
                page = f"{page}?order={order.pk}"
                fields |= self._seen(order)
            case "refund":
                page = reverse("admin:orders_order_refund", args=[order.pk])
                fields |= self._everything(page)
            case "ship" | "call_off" | "release":
                page = reverse(f"admin:orders_order_{name}", args=[order.pk])
                fields |= {"carrier": "yamato", "tracking_number": "1"}
            case _:
                page = reverse(
                    "admin:backoffice_stalledorder_act", args=[order.pk, name]
                )
                shown = self.client.get(page).content.decode()
                form = Form(shown).values
                if "seen" not in form:
                    return
                fields["seen"] = form["seen"]
                fields["key"] = uuid4()
        answer = self.client.post(page, fields)
        assert answer.status_code == 302, (page, text_of(answer.content.decode()))
        self.forget()

    def _seen(self, order: Order) -> dict[str, object]:
        failed = sagas_of_orders([order.number])[order.number].failed
        seen = [f"{saga.pk}:{saga.fence}" for saga in failed]
        return {"order": order.pk, f"seen_{order.pk}": seen}

    def _everything(self, page: str) -> dict[str, object]:
        """Return the fields that refund all that is left."""
        form = self.client.get(f"{page}?everything").context["form"]
        amount = form.initial["amount"]
        seen = form.payment.refunded_minor
        return {"uid": uuid4(), "seen": seen, "amount": amount, "typed": amount}


def customer_text(order: Order) -> str:
    """Return what the customer's page says."""
    page = reverse("checkout:order", args=[order.uid])
    return text_of(Client().get(page).content.decode())
