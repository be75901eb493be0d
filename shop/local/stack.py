"""``manage.py up``: start, supervise and stop all services on one machine."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from shop.configuration.environment import make_folder
from shop.local.broker import NoBrokerProgram
from shop.local.console import Console
from shop.local.control import Control
from shop.local.locks import (
    AlreadyRunning,
    PortOutOfRange,
    PortTaken,
    require_free,
    take_lock,
)
from shop.local.paths import UnsafeSocketFolder, prepare_socket
from shop.local.runner import StartFailed
from shop.local.services import Plan, build_services
from shop.local.supervisor import Supervisor, build_environment
from shop.local.watchdog import Watchdog

# What ``manage.py up`` becomes after its checks.
SUPERVISE = ("up", "--supervise")
REFUSALS = (
    AlreadyRunning,
    NoBrokerProgram,
    PortOutOfRange,
    PortTaken,
    StartFailed,
    UnsafeSocketFolder,
)


def supervise() -> None:
    """Run the shop until Ctrl-C, or end with what has to be mended."""
    try:
        run(read_plan())
    except REFUSALS as error:
        sys.exit(f"CommandError: {error}")


def read_plan() -> Plan:
    """Return what the settings say about the services to run."""
    return Plan(
        paths=settings.PATHS,
        port=settings.PORT,
        workers=settings.WORKERS,
        bundled_broker=settings.BROKER_IS_BUNDLED,
        bundled_sandbox=settings.STRIPE_IS_SANDBOX,
        bundled_warehouse=settings.WAREHOUSE_IS_SANDBOX,
    )


def run(plan: Plan) -> None:
    """Run until Ctrl-C. The text of every exception says how to fix the cause.

    Raises:
        AlreadyRunning, PortTaken, PortOutOfRange, NoBrokerProgram, UnsafeSocketFolder,
        StartFailed, ImproperlyConfigured.
    """
    # With a database elsewhere, the settings do not need the folder.
    make_folder(plan.paths.data_dir, "DATA_DIR")
    started = time.monotonic()
    services = build_services(plan)
    console = Console(service.name for service in services)
    with ExitStack() as at_the_end:
        # The watchdog shares the lock: it becomes free when the last process has ended,
        # not when this one is killed.
        descriptor = take_lock(plan.paths.lock_file, console.say)
        at_the_end.callback(os.close, descriptor)
        watchdog = Watchdog(keeps_open=(descriptor,))
        at_the_end.callback(watchdog.dismiss)
        prepare_stack(plan)
        supervisor = Supervisor(
            services,
            watchdog,
            console,
            env=build_environment(
                DATA_DIR=str(plan.paths.data_dir),
                PORT=str(plan.port),
                WORKERS=str(plan.workers),
            ),
            cwd=settings.BASE_DIR,
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.request_stop())
        at_the_end.enter_context(Control(plan.paths.control_socket, supervisor))
        names = ", ".join(service.name for service in services)
        console.say(f"starting {names} on {plan.paths.data_dir}")
        supervisor.run(
            when_ready=lambda: print_addresses(
                plan, console, time.monotonic() - started
            ),
            is_abandoned=watch_parent(),
        )
        console.say("everything is stopped; the data stays, start again any time")


def prepare_stack(plan: Plan) -> None:
    """Make the folders of the services and record the port.

    Raises PortTaken, PortOutOfRange or UnsafeSocketFolder.
    """
    paths = plan.paths
    require_free(plan.port, "the shop", "Choose another one: make up PORT=8010")
    if plan.bundled_sandbox:
        require_free(
            plan.sandbox_port,
            "the Stripe sandbox, always PORT + 1",
            "Choose another pair: make up PORT=8010",
        )
    if plan.bundled_warehouse:
        require_free(
            plan.warehouse_port,
            "the warehouse sandbox, always PORT + 2",
            "Choose other ones: make up PORT=8010",
        )
        paths.warehouse_dir.mkdir(parents=True, exist_ok=True)
    for folder in (paths.broker_dir, paths.sandbox_dir, paths.mail_dir):
        folder.mkdir(parents=True, exist_ok=True)
    prepare_socket(paths.broker_socket)
    paths.record_port(plan.port)


def print_addresses(plan: Plan, console: Console, seconds: float) -> None:
    """Print that the shop is ready, and the addresses of its parts."""
    lines = [
        f"Ready after {seconds:.1f} s.",
        "",
        f"  Shop     {plan.url}/",
        f"  Admin    {plan.url}/admin/",
    ]
    if settings.DEMO and not settings.PRODUCTION:
        lines.append("           sign in as admin with the password admin-demo")
    elif not settings.PRODUCTION:
        lines.append(f"           no sign-in yet? {command()} createsuperuser")
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        lines.append(f"  Mails    {shown(Path(settings.EMAIL_FILE_PATH))}")
    if plan.bundled_sandbox:
        lines.append("  Payment  simulated; card 4242 4242 4242 4242, any date and CVC")
    if plan.bundled_warehouse:
        lines.append(f"  Parcels  simulated by http://127.0.0.1:{plan.warehouse_port}/")
    lines += [
        f"  Parts    {command()} services [status | stop | start | kill NAME]",
        "  Stop     Ctrl-C",
    ]
    console.plain("\n" + "\n".join(lines) + "\n")


def command() -> str:
    """Return the command line of ``manage.py`` for this DATA_DIR, to be pasted."""
    data_dir = settings.PATHS.data_dir
    elsewhere = data_dir != settings.BASE_DIR / "var"
    prefix = f"DATA_DIR={shlex.quote(shown(data_dir))} " if elsewhere else ""
    return f"{prefix}{shlex.quote(shown(Path(sys.executable)))} manage.py"


def shown(path: Path) -> str:
    """Return a path relative to the current folder, if it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def watch_parent() -> Callable[[], bool]:
    """Return a function that tells whether our parent ``make`` has ended.

    Ctrl-C reaches us through the terminal. kill -9 of ``make up`` does not, but is
    meant for us. Started without make, a closed shell need not end us (``nohup``).
    """
    if "MAKELEVEL" not in os.environ:
        return lambda: False
    parent = os.getppid()
    return lambda: os.getppid() != parent
