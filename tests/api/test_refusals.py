"""What a page refuses the API refuses: for the same reason and in the same words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, get_args
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from api.refusals import CODES, RefusalCode
from api.types import orders as order_types
from api.types import progress as progress_types
from checkout.announcements.services import pause
from checkout.cart.models import Cart
from checkout.my_page.selectors import Standing
from checkout.status import outcomes, progress
from inventory.services import adjust
from orders.models import Cancellation, Order, PaymentAttempt, Return
from shop.catalogue.models import Product, Variant
from tests.support.api import (
    ADD,
    CANCEL,
    CARD,
    COUPON,
    INFORM,
    INFORMATION,
    PLACE,
    RETURN,
    ask,
)
from tests.support.promotions import limit
from tests.support.shopping import (
    ADD as ADD_PAGE,
)
from tests.support.shopping import (
    CONFIRMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    make_order,
    purchase_form,
    text_of,
    wait_for_card,
)
from tests.support.shopping import (
    INFORMATION as INFORMATION_PAGE,
)
from tests.support.waiting_rooms import come, open_for


@dataclass
class Try:
    """The same wish by a page and by the API. ``says``: the page shows the sentence."""

    page: str
    form: Mapping[str, Any]
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    says: bool = True


Arrange = Callable[[Client, Settings], Try]


def _add(sku: str = "MUG-01", quantity: int = 1) -> Try:
    sent = {"sku": sku, "quantity": quantity}
    return Try(ADD_PAGE, sent, ADD, sent)


def not_for_sale(client: Client, settings: Settings) -> Try:
    return _add("GONE-01")


def not_enough(client: Client, settings: Settings) -> Try:
    fill(client, {"MUG-01": 2})
    return _add(quantity=9)


def too_many_per_order(client: Client, settings: Settings) -> Try:
    Product.objects.update(most_per_order=2)
    return _add(quantity=3)


def cart_full(client: Client, settings: Settings) -> Try:
    settings.MOST_LINES = 1
    fill(client, {"MUG-01": 1})
    return _add("TEA-01")


def impossible_quantity(client: Client, settings: Settings) -> Try:
    return _add(quantity=100)


def unknown_coupon(client: Client, settings: Settings) -> Try:
    fill(client, {"MUG-01": 1})
    return Try("/cart/coupon/", {"code": "NOPE"}, COUPON, {"code": "NOPE"})


def empty_coupon(client: Client, settings: Settings) -> Try:
    fill(client, {"MUG-01": 1})
    return Try("/cart/coupon/", {"code": " "}, COUPON, {"code": " "})


def wrong_information(client: Client, settings: Settings) -> Try:
    fill(client, {"MUG-01": 1})
    wrong = {"email": "hanako", "postcode": "1", "name": ""}
    return Try(
        INFORMATION_PAGE,
        RECIPIENT | wrong,
        INFORM,
        {"information": INFORMATION | wrong},
    )


def unorderable_information(client: Client, settings: Settings) -> Try:
    fill(client, {"MUG-01": 2})
    limit("MUG-01", 1)
    sent = {"information": INFORMATION}
    return Try(INFORMATION_PAGE, RECIPIENT, INFORM, sent)


def _purchase(client: Client, units: int = 1) -> Try:
    fill_and_inform(client, {"MUG-01": units})
    return _confirmed(purchase_form(client))


def _confirmed(form: dict[str, Any]) -> Try:
    order = {
        "checkoutKey": form["checkout_key"],
        "digest": form["digest"],
        "seenTotal": int(form["seen_total"]),
        "paymentToken": form["confirmation_token"],
    }
    return Try(CONFIRMATION, form, PLACE, {"order": order})


def changed_price(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client)
    Variant.objects.update(price_minor=1900)
    return wanted


def changed_stock(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client, 5)
    adjust("MUG-01", -8, "count", "broken", "yuki")
    wanted.says = False  # the page leads to the cart, whose line says what is left
    return wanted


def sold_out(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client, 5)
    make_order({"MUG-01": 6})
    return wanted


def too_many_unpaid(client: Client, settings: Settings) -> Try:
    wait_for_card(make_order({"MUG-01": 1}))
    settings.UNPAID_ORDERS_PER_EMAIL = 1
    return _purchase(client)


def paused(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client)
    pause("yuki", "the bank is away", "Back at nine.", "9時に戻ります。")
    return wanted


def not_its_turn(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client)
    open_for(Variant.objects.get(sku="MUG-01").product)
    come()
    return wanted


def no_card(client: Client, settings: Settings) -> Try:
    fill_and_inform(client, {"MUG-01": 1})
    return _confirmed(purchase_form(client, card=""))


def no_information(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client)
    cart = Cart.objects.latest("pk")
    cart.temporary_order.delete()
    query = "{ cart { quote { digest } } }"
    digest = ask(client, query)["cart"]["quote"]["digest"]
    wanted.form = {**wanted.form, "digest": digest}
    wanted.variables = {"order": {**wanted.variables["order"], "digest": digest}}
    wanted.says = False  # the page leads to that of the information
    return wanted


def unknown_confirmation(client: Client, settings: Settings) -> Try:
    wanted = _purchase(client)
    Cart.objects.all().delete()
    return wanted


def _order(client: Client, page: str, document: str, **variables: Any) -> Try:
    order = Order.objects.get()
    form = {"confirmation_token": "ctoken_2", "uid": str(uuid4()), "reason": ""}
    sent = {"order": str(order.uid), **variables}
    return Try(f"/orders/{order.uid}/{page}/", form, document, sent, says=False)


def no_card_needed(client: Client, settings: Settings) -> Try:
    make_order({"MUG-01": 1})
    return _order(client, "card", CARD, token="ctoken_2")


def goods_gone(client: Client, settings: Settings) -> Try:
    wait_for_card(make_order({"MUG-01": 3}))
    adjust("MUG-01", -10, "count", "broken", "yuki")
    wanted = _order(client, "card", CARD, token="ctoken_2")
    wanted.says = True
    return wanted


def too_late_to_cancel(client: Client, settings: Settings) -> Try:
    make_order({"MUG-01": 1})
    return _order(client, "cancel", CANCEL, key=str(uuid4()))


def nothing_to_return(client: Client, settings: Settings) -> Try:
    make_order({"MUG-01": 1})
    item = {"id": "units_1", "quantity": 1}
    request = {"key": str(uuid4()), "items": [item], "reason": "DAMAGED"}
    return _order(client, "returns", RETURN, request=request)


CASES: dict[Arrange, RefusalCode] = {
    not_for_sale: RefusalCode.NOT_FOR_SALE,
    not_enough: RefusalCode.NOT_ENOUGH,
    too_many_per_order: RefusalCode.TOO_MANY_PER_ORDER,
    cart_full: RefusalCode.CART_FULL,
    impossible_quantity: RefusalCode.INVALID_INPUT,
    unknown_coupon: RefusalCode.COUPON_UNKNOWN,
    empty_coupon: RefusalCode.INVALID_INPUT,
    wrong_information: RefusalCode.INVALID_INPUT,
    unorderable_information: RefusalCode.NOT_ORDERABLE,
    changed_price: RefusalCode.QUOTE_CHANGED,
    changed_stock: RefusalCode.QUOTE_CHANGED,
    sold_out: RefusalCode.SOLD_OUT,
    too_many_unpaid: RefusalCode.TOO_MANY_UNPAID,
    paused: RefusalCode.CHECKOUT_PAUSED,
    not_its_turn: RefusalCode.MUST_WAIT,
    no_card: RefusalCode.CARD_MISSING,
    no_information: RefusalCode.INFORMATION_MISSING,
    unknown_confirmation: RefusalCode.CART_EMPTY,
    no_card_needed: RefusalCode.CARD_NOT_NEEDED,
    goods_gone: RefusalCode.GOODS_GONE,
    too_late_to_cancel: RefusalCode.NOT_CANCELLABLE,
    nothing_to_return: RefusalCode.NOT_RETURNABLE,
}


@pytest.mark.parametrize("arrange", CASES, ids=lambda each: each.__name__)
def test_page_and_api_refuse_the_same_in_the_same_words(
    client: Client, settings: Settings, mug: Product, tea: Product, arrange: Arrange
) -> None:
    wanted = arrange(client, settings)
    before = _rows()

    page = unescape(text_of(client.post(wanted.page, wanted.form, follow=True)))
    answer = ask(client, wanted.document, **wanted.variables)["answer"]

    assert answer["code"] == CASES[arrange].name
    assert answer["message"]
    if wanted.says:
        told = [each["messages"] for each in answer.get("fields", [])]
        sentences = [each for one in told for each in one] or [answer["message"]]
        assert [each for each in sentences if each not in page] == []
    assert _rows() == before


def _rows() -> list[object]:
    """Return what a refusal must leave as it is."""
    tables = (Order, PaymentAttempt, Cancellation, Return)
    counts: list[object] = [table.objects.count() for table in tables]
    lines = Cart.objects.values_list("state", "lines__variant", "lines__quantity")
    return counts + list(lines.order_by("lines"))


def test_every_code_belongs_to_a_refusal() -> None:
    assert {*CODES.values(), RefusalCode.INVALID_INPUT} == set(RefusalCode)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (outcomes.Outcome, progress_types.OrderOutcome),
        (outcomes.Money, progress_types.MoneyState),
        (progress.StepKey, progress_types.StepKey),
        (progress.StepState, progress_types.StepState),
        (Standing, order_types.OrderStanding),
    ],
)
def test_the_schema_knows_every_word_of_an_order_s_state(words: Any, kind: Any) -> None:
    assert {each.value for each in kind} == set(get_args(words))
