"""Refund an order, whole or in part."""

import getpass
import sys
import uuid
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, UNDECIDED, WRONG
from backoffice.cli.options import LONGEST_REASON, add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from backoffice.previews.preview import Preview
from backoffice.previews.refund import add_prices, preview_refund
from checkout.aftersales.cancellations import full_refunds
from checkout.aftersales.refunds.services import settle
from inventory.errors import NotShipped
from inventory.selectors import shipped_out
from orders.errors import NotCharged, RefundRefused, RefundTooLarge, UnitsRefunded
from orders.models import Order, Refund
from orders.transitions.refunds import Item, RefundRequest
from shop.money import Money, NotAnAmount, parse


class Command(BaseCommand):
    help = (
        "Refund a charged order: an amount, or units of its lines. The command shows "
        "what will happen and asks you to type the amount once more. A refund without "
        "a clear answer continues by itself (exit code 4): do not repeat it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", metavar="ORDER", help="the order's number")
        parser.add_argument(
            "--amount", help="such as 1800 (default: the price of the lines)"
        )
        parser.add_argument(
            "--line",
            type=_line,
            action="append",
            default=[],
            metavar="SKU=QTY",
            help="refund so many units of this line; may be repeated",
        )
        parser.add_argument(
            "--restock", action="store_true", help="put the lines' goods back in stock"
        )
        parser.add_argument("--reason", required=True, help="why (300 letters)")
        add_dry_run_option(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 0 < len(options["reason"].strip()) <= LONGEST_REASON:
            message = (
                f"give a reason with --reason, in at most {LONGEST_REASON} letters"
            )
            raise CommandError(message, returncode=WRONG)
        order = _order(options["order"])
        items = _items(order, dict(options["line"]), restock=options["restock"])
        amount = _amount(order, options["amount"], items)
        try:
            _check(order, amount, items)
            if options["dry_run"]:
                self._show(order, amount, items, as_json=options["json"])
                return
            self._ask(order, amount, items, yes=options["yes"])
            wish = RefundRequest(
                uid=uuid.uuid4(),
                amount_minor=amount.minor,
                seen_minor=order.payment.refunded_minor,
                items=items,
                actor=getpass.getuser(),
                reason=options["reason"],
            )
            refund = full_refunds.refund(order, wish, enqueue=False)
        except (RefundRefused, NotShipped) as error:
            message = f"Nothing was refunded: {error}"
            raise CommandError(message, returncode=REFUSED) from error
        self._report(order, settle(refund.pk), as_json=options["json"])

    def _show(
        self, order: Order, amount: Money, items: Sequence[Item], *, as_json: bool
    ) -> None:
        preview = preview_refund(order, amount, items)
        if as_json:
            row = {
                "order": order.number,
                "amount": amount.minor,
                "currency": amount.currency,
                "effects": preview.effects,
                "warnings": preview.warnings,
            }
            print_json(self.stdout, [row])
            return
        self._print(order, preview)

    def _print(self, order: Order, preview: Preview) -> None:
        self.stdout.write(order.number)
        self.stdout.writelines(f"  {line}" for line in preview.effects)
        self.stdout.writelines(f"  Careful: {line}" for line in preview.warnings)

    def _ask(
        self, order: Order, amount: Money, items: Sequence[Item], *, yes: bool
    ) -> None:
        """Ask for the amount to be typed, unless ``yes``. Raises CommandError."""
        if yes:
            return
        if not sys.stdin.isatty():
            message = (
                "cannot ask without a terminal: add --yes, or look first with --dry-run"
            )
            raise CommandError(message, returncode=WRONG)
        preview = preview_refund(order, amount, items)
        for line in [
            *preview.effects,
            *(f"Careful: {line}" for line in preview.warnings),
        ]:
            self.stderr.write(f"  {line}")
        self.stderr.write(f"Type the amount to refund {amount}: ", ending="")
        self.stderr.flush()
        try:
            is_meant = parse(sys.stdin.readline(), amount.currency) == amount
        except NotAnAmount:
            is_meant = False
        if not is_meant:
            message = "Nothing was refunded: this is not the amount."
            raise CommandError(message, returncode=REFUSED)

    def _report(self, order: Order, refund: Refund, *, as_json: bool) -> None:
        status = Refund.Status(refund.status)
        if as_json:
            print_json(self.stdout, [_as_dict(order, refund)])
        elif status != Refund.Status.FAILED:
            self.stdout.write(f"{order.number}: {refund.amount} {status.label}")
        if status == Refund.Status.FAILED:
            message = f"Nothing was refunded: {refund.failure}"
            raise CommandError(message, returncode=REFUSED)
        if status == Refund.Status.REQUESTED:
            message = (
                "No clear answer yet; it continues by itself, do not ask for it again: "
                f"{refund.error or 'it is being sent'}"
            )
            raise CommandError(message, returncode=UNDECIDED)


def _line(typed: str) -> tuple[str, int]:
    sku, _equals, units = typed.rpartition("=")
    if not sku or not units.isdecimal() or int(units) < 1:
        message = f"{typed!r} is not SKU=QTY, such as MUG-01=1"
        raise ArgumentTypeError(message)
    return sku, int(units)


def _order(number: str) -> Order:
    order = Order.objects.select_related("payment").filter(number=number).first()
    if order is None:
        message = f"no such order: {number}"
        raise CommandError(message, returncode=WRONG)
    return order


def _items(order: Order, units: dict[str, int], *, restock: bool) -> list[Item]:
    lines = {line.sku: line for line in order.lines.all()}
    unknown = [sku for sku in units if sku not in lines]
    if unknown:
        message = (
            f"order {order.number} has no {', '.join(unknown)}; "
            f"it has {', '.join(lines)}"
        )
        raise CommandError(message, returncode=WRONG)
    if restock and not units:
        message = "--restock needs --line SKU=QTY: which goods are back?"
        raise CommandError(message, returncode=WRONG)
    return [Item(lines[sku], count, restock) for sku, count in units.items()]


def _amount(order: Order, typed: str | None, items: list[Item]) -> Money:
    currency = order.payment.currency
    if typed is None and not items:
        message = "give the amount: --amount, or --line SKU=QTY"
        raise CommandError(message, returncode=WRONG)
    try:
        amount = (
            add_prices(items, currency) if typed is None else parse(typed, currency)
        )
    except NotAnAmount as error:
        message = f"{typed!r} is not an amount in {currency}"
        raise CommandError(message, returncode=WRONG) from error
    if amount.minor < 1:
        message = "an amount of more than zero is needed"
        raise CommandError(message, returncode=WRONG)
    return amount


def _check(order: Order, amount: Money, items: list[Item]) -> None:
    """Raise what the request would raise: a dry run must not promise it."""
    payment = order.payment
    if not payment.captured_minor:
        raise NotCharged(order.number)
    if payment.refundable < amount:
        raise RefundTooLarge(amount, payment.refundable)
    gone = shipped_out(order.number)
    for item in items:
        line = item.line
        left, places = line.quantity - line.refunded, line.restockable
        if item.quantity > left or (item.restock and item.quantity > places):
            raise UnitsRefunded(line.sku, left, places)
        if item.restock and not gone.get(line.sku):
            raise NotShipped(order.number, line.sku)


def _as_dict(order: Order, refund: Refund) -> dict[str, Any]:
    return {
        "order": order.number,
        "refund": str(refund.uid),
        "amount": refund.amount_minor,
        "currency": refund.currency,
        "status": refund.status,
        "refund_id": refund.refund_id,
        "failure": refund.failure,
        "error": refund.error,
        "actor": refund.actor,
        "reason": refund.reason,
    }
