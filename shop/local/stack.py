"""``manage.py up``: the whole product on one machine, from lock to last farewell."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from shop.local.console import Console
from shop.local.control import Control
from shop.local.locks import lock, require_free
from shop.local.paths import prepare_socket
from shop.local.services import Plan, services
from shop.local.supervisor import Supervisor, environment
from shop.local.watchdog import Guardian


def plan() -> Plan:
    """Read from the settings what is to run here."""
    return Plan(
        places=settings.PLACES,
        port=settings.PORT,
        workers=settings.WORKERS,
        redis_url=settings.REDIS_URL,
        bundled_broker=settings.BROKER_IS_BUNDLED,
        bundled_sandbox=settings.STRIPE_IS_SANDBOX,
    )


def run(plan: Plan) -> None:
    """Run until Ctrl-C. Every refusal is an exception whose text names the way out.

    Raises:
        AlreadyRunning, PortTaken, PortOutOfRange, NoBrokerProgram, UnsafeSocketFolder,
        StartFailed.
    """
    started = time.monotonic()
    roster = services(plan)
    console = Console(service.name for service in roster)
    with ExitStack() as at_the_end:
        # The guardian shares the lock: it is free when the last process is gone, not
        # already when this one was killed.
        descriptor = lock(plan.places.lock_file, console.say)
        at_the_end.callback(os.close, descriptor)
        guardian = Guardian(keeps_open=(descriptor,))
        at_the_end.callback(guardian.dismiss)
        occupy(plan)
        supervisor = Supervisor(
            roster,
            guardian,
            console,
            env=environment(
                DATA_DIR=str(plan.places.data_dir),
                PORT=str(plan.port),
                WORKERS=str(plan.workers),
            ),
            cwd=settings.BASE_DIR,
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.request_stop())
        at_the_end.enter_context(Control(plan.places.control_socket, supervisor))
        names = ", ".join(service.name for service in roster)
        console.say(f"starting {names} on {plan.places.data_dir}")
        supervisor.run(
            when_ready=lambda: greet(plan, console, time.monotonic() - started),
            abandoned=parent_watch(),
        )
        console.say("everything is stopped; the data stays, start again any time")


def occupy(plan: Plan) -> None:
    """Check the ports and make the folders that services expect."""
    places = plan.places
    require_free(plan.port, "the shop", "Choose another one: make up PORT=8010")
    if plan.bundled_sandbox:
        require_free(
            plan.sandbox_port,
            "the Stripe sandbox, always PORT + 1",
            "Choose another pair: make up PORT=8010",
        )
    for folder in (places.broker_dir, places.sandbox_dir, places.mail_dir):
        folder.mkdir(parents=True, exist_ok=True)
    prepare_socket(places.broker_socket)
    places.record_port(plan.port)


def greet(plan: Plan, console: Console, seconds: float) -> None:
    """Say that all is well, and where everything is."""
    lines = [
        f"Ready after {seconds:.1f} s.",
        "",
        f"  Shop     {plan.url}/",
        f"  Admin    {plan.url}/admin/",
    ]
    if not settings.PRODUCTION:
        lines.append("           sign in as admin with the password admin-demo")
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        lines.append(f"  Mails    {shown(Path(settings.EMAIL_FILE_PATH))}")
    if plan.bundled_sandbox:
        lines.append("  Payment  simulated; card 4242 4242 4242 4242, any date and CVC")
    lines += [
        f"  Parts    {command()} services [status | stop | start | kill NAME]",
        "  Stop     Ctrl-C",
    ]
    console.plain("\n" + "\n".join(lines) + "\n")


def command() -> str:
    """Return how to call another command on this data, ready to be pasted."""
    data_dir = settings.PLACES.data_dir
    elsewhere = data_dir != settings.BASE_DIR / "var"
    prefix = f"DATA_DIR={shlex.quote(shown(data_dir))} " if elsewhere else ""
    return f"{prefix}{shlex.quote(shown(Path(sys.executable)))} manage.py"


def shown(path: Path) -> str:
    """Shorten a path to what a person in the current folder would type."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def parent_watch() -> Callable[[], bool]:
    """Return a question: was ``make`` killed over our head?

    Ctrl-C reaches us through the terminal, but kill -9 of ``make up`` does not; whoever
    does that means us. Started without make, we outlive a closed shell if asked to.
    """
    if "MAKELEVEL" not in os.environ:
        return lambda: False
    parent = os.getppid()
    return lambda: os.getppid() != parent
