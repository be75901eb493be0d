"""refund_order: what it does, what it refuses, what it prints for scripts."""

from io import StringIO
from typing import Any

import pytest

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from orders.models import Refund
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.commands import call, call_json, refused
from tests.support.ordering import counters, place
from tests.support.refunding import make_charged_order, make_refund, refunded_total

pytestmark = pytest.mark.django_db

WHY = ("--reason", "broken handle")
YES = (*WHY, "--yes")


class Terminal(StringIO):
    """A terminal at which this text is typed."""

    def isatty(self) -> bool:
        return True


def test_an_amount_is_given_back_at_once(gateway: FakeGateway, clock: Clock) -> None:
    order = make_charged_order()

    (row,) = call_json("refund_order", order.number, "--amount", "1,800", *YES)

    assert (row["status"], row["amount"], row["refund_id"]) == (
        "succeeded",
        1800,
        "re_1",
    )
    assert row["reason"] == "broken handle"
    assert row["actor"]
    assert refunded_total(gateway) == 1800


def test_units_of_a_line_are_given_back_and_put_into_stock(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()

    line = ("--line", "MUG-01=1", "--restock")
    said = call("refund_order", order.number, *line, *YES)

    assert said.strip() == f"{order.number}: ¥1,800 refunded"
    assert refunded_total(gateway) == 1800
    assert counters() == (9, 0)


def test_a_dry_run_says_what_would_happen_and_does_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    before = dump()

    said = call("refund_order", order.number, "--amount", "4200", *WHY, "--dry-run")
    (row,) = call_json(
        "refund_order", order.number, "--amount", "100", *WHY, "--dry-run"
    )

    assert "Will give ¥4,200 back, to the card visa •••• 4242." in said
    assert "Nothing of the ¥4,200 that were charged is left then." in said
    assert (row["order"], row["amount"], row["warnings"][0][:9]) == (
        order.number,
        100,
        "The goods",
    )
    assert dump() == before
    assert gateway.refunds == {}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--amount", "4201", *YES), 1, "¥4,200 are left of the charge"),
        (("--line", "MUG-01=3", "--amount", "1", *YES), 1, "2 can still be refunded"),
        (("--line", "CAP-BL=1", *YES), 2, "it has MUG-01"),
        (("--amount", "x", *YES), 2, "not an amount in JPY"),
        (("--amount", "0", *YES), 2, "more than zero"),
        (YES, 2, "give the amount"),
        (("--amount", "1", "--restock", *YES), 2, "which goods are back"),
        (("--amount", "1", "--reason", " ", "--yes"), 2, "give a reason"),
        (("--amount", "1", "--reason", "x" * 301, "--yes"), 2, "at most 300"),
        (("--amount", "1", *WHY), 2, "cannot ask"),
    ],
)
def test_what_is_refused_changes_nothing(
    gateway: FakeGateway, clock: Clock, words: tuple[str, ...], code: int, said: str
) -> None:
    order = make_charged_order()
    before = dump()

    got, message, _printed = refused("refund_order", order.number, *words)

    assert (got, said in message) == (code, True), message
    assert dump() == before
    assert gateway.refunds == {}


def test_orders_that_are_unknown_or_not_charged_are_refused(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga = place()

    assert refused("refund_order", "nobody", "--amount", "1", *YES)[0] == 2
    code, message, _printed = refused(
        "refund_order", order.number, "--amount", "1", *YES
    )
    assert (code, "was not charged" in message) == (1, True)


@pytest.mark.parametrize(
    ("typed", "gone"), [("1800\n", 1800), ("1801\n", 0), ("y\n", 0), ("", 0)]
)
def test_on_a_terminal_the_amount_has_to_be_typed(
    gateway: FakeGateway,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    gone: int,
) -> None:
    order = make_charged_order()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    err = StringIO()
    words: Any = ("refund_order", order.number, "--amount", "1800", *WHY)

    if gone:
        call(*words, stderr=err)
    else:
        assert refused(*words, stderr=err)[0] == 1

    assert "Will give ¥1,800 back" in err.getvalue()
    assert refunded_total(gateway) == gone
    assert Refund.objects.count() == (1 if gone else 0)


def test_a_refund_without_a_clear_answer_has_an_exit_code_of_its_own(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    gateway.fail("refund", provider.OutcomeUnknownError("no answer"), after=True)

    code, message, printed = refused(
        "refund_order", order.number, "--amount", "1800", *YES, "--json"
    )

    assert (code, "do not ask for it again" in message) == (4, True)
    assert '"status": "requested"' in printed


def test_what_the_provider_refuses_is_a_refusal(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = make_charged_order()
    gateway.fail("refund", provider.Refused("the charge was charged back"))

    code, message, _printed = refused(
        "refund_order", order.number, "--amount", "1800", *YES
    )

    assert (code, message) == (1, "Nothing was refunded: the charge was charged back")


def test_a_pending_refund_is_no_failure(gateway: FakeGateway, clock: Clock) -> None:
    gateway.next_refund = RefundStatus.PENDING
    order = make_charged_order()

    said = call("refund_order", order.number, "--amount", "1800", *YES)

    assert said.strip() == f"{order.number}: ¥1,800 on its way"


def test_what_is_under_way_is_warned_of(gateway: FakeGateway, clock: Clock) -> None:
    order = make_charged_order()
    make_refund(order, 100)

    said = call("refund_order", order.number, "--amount", "1", *WHY, "--dry-run")

    assert "Careful: A refund of ¥100, requested by yuki, is still under way." in said
