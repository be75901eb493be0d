"""What staff do with the stock: the services and forms of its pages."""

from typing import Annotated
from uuid import UUID

import strawberry
from django.utils.translation import gettext as _

from api.refusals import Invalid
from api.staff.context import Info
from api.staff.refusals import Refused, key_used, refusable
from api.staff.types.goods import StockItem, stock_of
from backoffice import permissions
from backoffice.tokens.scopes import Scope
from inventory import models, services
from inventory.errors import UnknownSku
from inventory.forms import AdjustForm, NewGoodsForm
from inventory.receiving import receive_new

StockResult = Annotated[StockItem | Refused, strawberry.union("StockResult")]


@strawberry.type
class StockMutation:
    @strawberry.mutation(
        description="Goods came in. The same delivery note is counted once per SKU; "
        "with another quantity it is refused. Needs stock:write."
    )
    @refusable
    def receive_stock(
        self,
        info: Info,
        sku: str,
        quantity: int,
        delivery_note: str,
        note: str = "",
    ) -> StockResult:
        info.context.require(Scope.STOCK_WRITE, permissions.CHANGE_STOCK)
        form = NewGoodsForm(
            {"sku": sku, "quantity": quantity, "reference": delivery_note, "note": note}
        )
        if not form.is_valid():
            raise _named(form, reference="delivery_note")
        sent = form.cleaned_data
        is_new = receive_new(
            sent["sku"],
            sent["quantity"],
            sent["reference"],
            sent["note"],
            info.context.actor,
        )
        now = _now(sent["sku"])
        received = models.Movement.Kind.RECEIVE
        if not is_new and _differs(now.sku, received, sent["reference"], quantity):
            # A second part of the delivery, say: it would be missing unnoticed.
            text = _(
                "%(sku)s: this reference was booked before, so nothing was changed. "
                "There are %(on_hand)d on hand, %(free)d free."
            )
            values = {"sku": now.sku, "on_hand": now.on_hand, "free": now.free}
            raise Invalid({"delivery_note": [text % values]})
        return now

    @strawberry.mutation(
        description="There are so many units more or fewer than counted. `key` is made "
        "by the client: sent again, it is booked once. Needs stock:write."
    )
    @refusable
    def adjust_stock(
        self, info: Info, sku: str, difference: int, reason: str, key: UUID
    ) -> StockResult:
        info.context.require(Scope.STOCK_WRITE, permissions.CHANGE_STOCK)
        if not models.StockItem.objects.filter(sku=sku).exists():
            raise UnknownSku(sku)
        form = AdjustForm({"difference": difference, "note": reason, "token": str(key)})
        if not form.is_valid():
            raise _named(form, note="reason")
        sent = form.cleaned_data
        is_new = services.adjust(
            sku,
            sent["difference"],
            str(sent["token"]),
            sent["note"],
            info.context.actor,
        )
        adjusted = models.Movement.Kind.ADJUST
        if not is_new and _differs(sku, adjusted, str(key), difference):
            raise key_used()
        return _now(sku)


def _now(sku: str) -> StockItem:
    return stock_of(models.StockItem.objects.get(sku=sku))


def _differs(
    sku: str, kind: models.Movement.Kind, reference: str, quantity: int
) -> bool:
    """Return whether another quantity was booked under this reference."""
    booked = models.Movement.objects.filter(
        item__sku=sku, kind=kind, reference=reference
    )
    return booked.exclude(quantity=quantity).exists()


def _named(form: NewGoodsForm | AdjustForm, **names: str) -> Invalid:
    """Return the form's errors, under the names that the input gives to fields."""
    errors = Invalid.of(form).errors
    return Invalid({names.get(name, name): found for name, found in errors.items()})
