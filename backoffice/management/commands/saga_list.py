"""List sagas, stopped ones first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.cli.options import add_json_option
from backoffice.cli.output import print_json
from backoffice.cli.sagas import as_dict, next_action
from backoffice.cli.time_arguments import read_time
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.flow.definition import CHECKOUT
from checkout.status.sagas import OrderSagas, group_by_order
from saga.failure_groups import failure_groups
from saga.models import ENDED, Saga, State


class Command(BaseCommand):
    help = "List sagas: stopped ones first, then the newest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--state", choices=State.values, help="list sagas in this state"
        )
        parser.add_argument(
            "--step",
            choices=[step.name for step in (*CHECKOUT.steps, *SHIPPING.steps)],
            help="list sagas at this step",
        )
        parser.add_argument(
            "--error", help="list sagas with this text in their error, or its class"
        )
        parser.add_argument(
            "--since",
            type=read_time,
            help="stopped (or if not stopped, started) since then: 30m, 2h, 1d, a date "
            "or ISO 8601",
        )
        parser.add_argument(
            "--limit", type=int, default=50, help="list at most so many (default: 50)"
        )
        parser.add_argument(
            "--failure-groups",
            action="store_true",
            help="list stopped orders by failure group, the largest first",
        )
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["failure_groups"]:
            self._list_failure_groups(as_json=options["json"])
            return
        sagas = [order.most_urgent for order in _shown(options)]
        if options["json"]:
            print_json(self.stdout, [as_dict(saga) for saga in sagas])
            return
        for saga in sagas:
            tries = f"try {saga.attempt}" if saga.attempt else ""
            self.stdout.write(
                f"{saga.reference}  {saga.state:<12} {saga.step:<18} {tries:<6} "
                f"{saga.error or next_action(saga)}"
            )
        if not sagas:
            self.stdout.write("No saga matches.")

    def _list_failure_groups(self, *, as_json: bool) -> None:
        found = failure_groups()
        if as_json:
            print_json(self.stdout, [group.as_dict() for group in found])
            return
        for group in found:
            self.stdout.write(
                f"{group.id}  {group.count:>5}  {group.step:<18} "
                f"{group.signature}  ({', '.join(group.references)})"
            )
        if not found:
            self.stdout.write("No saga is stopped.")


def _shown(options: dict[str, Any]) -> list[OrderSagas]:
    """Return the sagas of each order of which one matches, stopped orders first."""
    limit = options["limit"]
    failed = Saga.objects.failed().values("reference")
    rows = _chosen(options)
    stopped = list(rows.filter(reference__in=failed).order_by("-id")[:limit])
    others = rows.exclude(reference__in=failed).order_by("-id")
    main_paths = [*stopped, *others[: limit - len(stopped)]]
    all_sagas = Saga.objects.filter(
        reference__in=[saga.reference for saga in main_paths]
    )
    found = {order.main_path.pk: order for order in group_by_order(all_sagas)}
    return [found[main_path.pk] for main_path in main_paths]


def _chosen(options: dict[str, Any]) -> QuerySet[Saga]:
    """Return the main paths of all orders of which one saga matches."""
    rows = Saga.objects.all()
    if options["state"]:
        rows = rows.filter(state=options["state"])
        if options["state"] in ENDED:
            # A branch may have ended while its order has not.
            rows = rows.main_paths()
    if options["step"]:
        rows = rows.filter(step=options["step"])
    if options["error"]:
        text = options["error"]
        rows = rows.filter(Q(error__icontains=text) | Q(error_class__iexact=text))
    if options["since"]:
        since = options["since"]
        begun = Q(failed_at=None, created_at__gte=since)
        rows = rows.filter(Q(failed_at__gte=since) | begun)
    if not any(options[name] for name in ("state", "step", "error", "since")):
        return Saga.objects.main_paths()
    same_order = {
        "definition": OuterRef("definition"),
        "reference": OuterRef("reference"),
    }
    return Saga.objects.main_paths().filter(Exists(rows.filter(**same_order)))
