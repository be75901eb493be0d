"""The services that make the shop on this machine, with their command lines."""

import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from shop.local.broker import server_argv
from shop.local.paths import Paths
from shop.local.probes import answers_http, answers_ping, never, said
from shop.local.service_spec import Service

MANAGE = (sys.executable, str(Path(__file__).resolve().parents[2] / "manage.py"))


@dataclass(frozen=True)
class Plan:
    """What to run: ports, threads of the worker, and which services are bundled."""

    paths: Paths
    port: int
    workers: int
    bundled_broker: bool
    bundled_sandbox: bool
    bundled_warehouse: bool = False

    @property
    def sandbox_port(self) -> int:
        return self.port + 1

    @property
    def warehouse_port(self) -> int:
        return self.port + 2

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def build_services(plan: Plan) -> list[Service]:
    """Return all services in the order in which they start."""
    outside = []
    if plan.bundled_broker:
        outside.append(describe_broker(plan))
    if plan.bundled_sandbox:
        outside.append(describe_sandbox(plan))
    if plan.bundled_warehouse:
        outside.append(describe_warehouse(plan))
    prepared = Service("prepare", (*MANAGE, "prepare"), healthy=never, once=True)
    needs = (*(service.name for service in outside), prepared.name)
    return [
        *outside,
        prepared,
        describe_web(plan, needs),
        describe_worker(needs),
        describe_sweeper(needs),
    ]


def describe_broker(plan: Plan) -> Service:
    return Service(
        "broker",
        server_argv(plan.paths.broker_dir, plan.paths.broker_socket),
        healthy=answers_ping(plan.paths.broker_socket),
    )


def describe_sandbox(plan: Plan) -> Service:
    return Service(
        "stripe",
        (
            *(sys.executable, "-m", "sandboxes.stripe"),
            *("--port", str(plan.sandbox_port)),
            *("--data", str(plan.paths.sandbox_dir)),
            *("--webhook-url", f"{plan.url}/webhooks/stripe/"),
            *("--webhook-secret", settings.STRIPE_WEBHOOK_SECRETS[0]),
        ),
        healthy=answers_http(f"http://127.0.0.1:{plan.sandbox_port}/healthz"),
    )


def describe_warehouse(plan: Plan) -> Service:
    return Service(
        "warehouse",
        (
            *(sys.executable, "-m", "sandboxes.warehouse"),
            *("--port", str(plan.warehouse_port)),
            *("--data", str(plan.paths.warehouse_dir)),
            *("--report-url", f"{plan.url}/webhooks/warehouse/"),
            *("--secret", settings.WAREHOUSE_SECRETS[0]),
            *("--report-secret", settings.WAREHOUSE_REPORT_SECRETS[0]),
        ),
        healthy=answers_http(f"http://127.0.0.1:{plan.warehouse_port}/healthz"),
    )


def describe_web(plan: Plan, needs: tuple[str, ...]) -> Service:
    return Service(
        "web",
        (
            *(sys.executable, "-m", "gunicorn", "shop.wsgi:application"),
            *("--bind", f"127.0.0.1:{plan.port}"),
        ),
        healthy=answers_http(f"{plan.url}/livez"),
        needs=needs,
    )


def describe_worker(needs: tuple[str, ...]) -> Service:
    return Service(
        "worker",
        (
            *(sys.executable, "-m", "celery", "--quiet", "--app", "shop", "worker"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        # In a container every user is root, and Celery's long warning about it hides
        # the log.
        environment={"PYTHONWARNINGS": "ignore:You're running the worker"},
        # Celery writes this when its consumer has a connection to the broker.
        healthy=said(" ready."),
        needs=needs,
        stop_seconds=10,
    )


def describe_sweeper(needs: tuple[str, ...]) -> Service:
    return Service(
        "sweeper",
        # ``manage.py up`` has made the checks, which load all pages.
        (*MANAGE, "sweeper", "--skip-checks"),
        healthy=said("sweeping"),
        needs=needs,
    )
