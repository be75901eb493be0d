"""List sagas, the ones that wait for a person first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Case, Q, QuerySet, Value, When

from checkout.flow import CHECKOUT
from checkout.management.moments import moment
from checkout.management.sagas import as_dict, next_action, print_json
from checkout.saga.clusters import clusters
from checkout.saga.models import Saga, State


class Command(BaseCommand):
    help = "List sagas: the ones that stopped first, then the newest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=State.values)
        parser.add_argument("--step", choices=[step.name for step in CHECKOUT.steps])
        parser.add_argument("--error", help="part of the error's text, or its class")
        parser.add_argument(
            "--since",
            type=moment,
            help="stopped, or else begun, since then: 30m, 2h, 1d or ISO 8601",
        )
        parser.add_argument("--limit", type=int, default=50)
        parser.add_argument(
            "--clusters", action="store_true", help="stopped orders by their cause"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["clusters"]:
            self._list_clusters(as_json=options["json"])
            return
        stopped_first = Case(When(state=State.FAILED, then=Value(0)), default=Value(1))
        rows = _chosen(options).order_by(stopped_first, "-id")
        sagas = list(rows[: options["limit"]])
        if options["json"]:
            print_json(self.stdout, [as_dict(saga) for saga in sagas])
            return
        for saga in sagas:
            self.stdout.write(
                f"{saga.reference}  {saga.state:<12} {saga.step:<18} "
                f"try {saga.attempt}  {saga.error or next_action(saga)}"
            )
        if not sagas:
            self.stdout.write("No saga is like that.")

    def _list_clusters(self, *, as_json: bool) -> None:
        found = clusters()
        if as_json:
            print_json(self.stdout, [cluster.as_dict() for cluster in found])
            return
        for cluster in found:
            self.stdout.write(
                f"{cluster.id}  {cluster.count:>5}  {cluster.step:<18} "
                f"{cluster.signature}  ({', '.join(cluster.references)})"
            )
        if not found:
            self.stdout.write("No saga is stopped.")


def _chosen(options: dict[str, Any]) -> QuerySet[Saga]:
    rows = Saga.objects.all()
    if options["state"]:
        rows = rows.filter(state=options["state"])
    if options["step"]:
        rows = rows.filter(step=options["step"])
    if options["error"]:
        text = options["error"]
        rows = rows.filter(Q(error__icontains=text) | Q(error_class__iexact=text))
    if options["since"]:
        since = options["since"]
        begun = Q(failed_at=None, created_at__gte=since)
        rows = rows.filter(Q(failed_at__gte=since) | begun)
    return rows
