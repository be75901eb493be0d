"""A rush: 500 customers want 200 units of one article, over HTTP, on both databases.

``python -m benchmarks.rush [DATABASE] [--waiting-room]``; part of ``make bench``. The
whole shop runs as ``make up`` starts it, with its own limits and the offline Stripe.
Each customer has an address, a mail address and a cookie jar of their own, and sends
every form: cart, information, confirmation. They all come within ARRIVAL seconds and do
not pause between pages, which no person could. It counts what the shop promises once
all orders have ended, and times every answer.

With ``--waiting-room`` the article has a waiting room of PLACES. Its customers wait as
a browser without a script does: they load the page again when it says so. It measures
both databases, or the one that is named, and says how long the longest wait was.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from benchmarks.report import Row, is_short, show
from tests.support.postgres import own_server

DATABASES = ("sqlite", "postgresql")
ARRIVAL = 10.0  # seconds
PATIENCE = 240.0  # seconds until the last order has ended
PLACES = 20  # of the waiting room, for 500 buyers; fewer for fewer
ROOM = "--waiting-room"
LINE = "/checkout/line/"
_REFRESH = re.compile(r'http-equiv="refresh" content="(\d+)"')
# The shop's own limits, which the tests' shops switch off. Addresses come from a proxy.
VARIABLES = {
    "CARD_TRIES_PER_HOUR": "20",
    "CARDS_PER_HOUR": "300",
    "UNPAID_ORDERS_PER_EMAIL": "5",
    "UNPAID_HOLD_PERCENT": "50",
    "UNPAID_HOLD_PERCENT_PER_ADDRESS": "20",
    "SAGA_LEASE": "60",
    "STRIPE_TIMEOUT": "15",
    "TRUSTED_PROXIES": "1",
}


@dataclass(frozen=True)
class Crowd:
    """How many customers want how many units, one each."""

    buyers: int = 500
    units: int = 200
    has_room: bool = False

    @property
    def places(self) -> int:
        return max(2, PLACES * self.buyers // 500)


SHORT = {"buyers": 50, "units": 20}
# Its figures are those of production; tests/chaos/test_crowds.py counts on SQLite.
SHORT_DATABASES = ("postgresql",)


@dataclass
class Answers:
    """What all customers were answered: seconds of each answer, and statuses."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    def timed(self, send: Callable[[], requests.Response]) -> requests.Response:
        """Send a request and follow its redirects; each answer counts alone."""
        answer = send()
        if 400 <= answer.status_code < 500:  # noqa: PLR2004
            message = f"a customer was refused: {answer.url} {answer.status_code}"
            raise RuntimeError(message)
        for each in (*answer.history, answer):
            self.seconds.append(each.elapsed.total_seconds())
            self.statuses[each.status_code] += 1
        return answer

    @property
    def faults(self) -> int:
        return sum(number for status, number in self.statuses.items() if status >= 500)  # noqa: PLR2004

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]


def measure(*options: str) -> list[Row]:
    return [
        Row(**fields)
        for name in (SHORT_DATABASES if is_short() else DATABASES)
        for fields in _in_own_process(name, *options)
    ]


def _in_own_process(database: str, *options: str) -> list[dict[str, Any]]:
    # One process uses one database.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.rush", database, *options],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def rush(database: str, *, has_room: bool = False) -> list[dict[str, Any]]:
    """Return the fields of the rows of one rush on a new shop."""
    crowd = Crowd(**(SHORT if is_short() else {}), has_room=has_room)
    own = own_server() if database == "postgresql" else nullcontext()
    with tempfile.TemporaryDirectory() as folder, own as url:
        _configure(Path(folder), url)
        # These modules read the environment.
        from tests.support.catalogue import stock_up  # noqa: PLC0415
        from tests.support.live import live_stack  # noqa: PLC0415

        with live_stack(Path(folder), **VARIABLES) as stack, stack.as_database():
            sku = stock_up(crowd.units)
            if crowd.has_room:
                _open_room(sku, crowd.places)
            answers = Answers()
            begun = time.monotonic()
            _send(crowd, stack, sku, answers)
            _wait_until_all_ended()
            taken = time.monotonic() - begun
            return _rows(database, crowd, sku, answers, taken)


def _configure(folder: Path, url: str | None) -> None:
    os.environ.pop("DATABASE_URL", None)
    if url:
        os.environ["DATABASE_URL"] = url
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "DATA_DIR": str(folder),
        "ENV_FILE": os.devnull,
    }
    import django  # noqa: PLC0415 (the environment has to be set first)

    django.setup()


def _open_room(sku: str, places: int) -> None:
    from checkout.waiting_room.services import open_room  # noqa: PLC0415
    from shop.catalogue.models import Variant  # noqa: PLC0415

    variant = Variant.objects.select_related("product").get(sku=sku)
    open_room(variant.product, places, "bench", "a rush")


def _send(crowd: Crowd, stack: Any, sku: str, answers: Answers) -> None:
    """Let all customers buy, each in a thread, and wait for the last."""
    chance = random.Random(1)  # noqa: S311
    faults: list[BaseException] = []

    def buy(number: int, after: float) -> None:
        time.sleep(after)
        try:
            _buy(stack, sku, answers, number)
        except Exception as error:  # noqa: BLE001 (raised below, in the main thread)
            faults.append(error)

    threads = [
        threading.Thread(target=buy, args=(number, chance.uniform(0, ARRIVAL)))
        for number in range(crowd.buyers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _buy(stack: Any, sku: str, answers: Answers, number: int) -> None:
    """Go from the cart to the order's page, or to the page that says what is missing.

    An article that is sold out is said in the cart, at the information or at the
    confirmation; there the customer leaves.
    """
    from tests.support.customer import Fields  # noqa: PLC0415
    from tests.support.shopping import RECIPIENT  # noqa: PLC0415

    session = requests.Session()
    session.headers["Accept-Language"] = "en"
    session.headers["X-Forwarded-For"] = f"198.18.{number // 250}.{number % 250 + 1}"

    def send(path: str, fields: dict[str, str] | None = None) -> requests.Response:
        url = f"{stack.url}{path}"
        headers = {"Referer": stack.url, "Origin": stack.url}
        if fields is None:
            return answers.timed(lambda: session.get(url, timeout=PATIENCE))
        token = {"csrfmiddlewaretoken": session.cookies.get("csrftoken", "")}
        return answers.timed(
            lambda: session.post(url, token | fields, headers=headers, timeout=PATIENCE)
        )

    send("/cart/")
    send("/cart/add/", {"sku": sku, "quantity": "1"})
    page, came = send("/checkout/information/"), time.monotonic()
    while page.url.endswith(LINE):
        time.sleep(float(_REFRESH.findall(page.text)[0]))
        page = send(LINE)
    answers.waits.append(time.monotonic() - came)
    if not page.url.endswith("/checkout/information/"):
        return
    recipient = RECIPIENT | {"email": f"buyer-{number}@customer.example"}
    page = send("/checkout/information/", recipient)
    forms = [form for form in Fields(page.text).forms if "checkout_key" in form]
    if forms:
        card = {"confirmation_token": "pm_card_visa"}
        send("/checkout/confirmation/", forms[0] | card)


def _wait_until_all_ended() -> None:
    from saga.models import Saga  # noqa: PLC0415
    from tests.support.waiting import wait_until  # noqa: PLC0415

    def have_ended() -> bool:
        return not Saga.objects.live().exists()

    wait_until(have_ended, "all orders ended", seconds=PATIENCE, pause=0.5)


def _rows(
    database: str, crowd: Crowd, sku: str, answers: Answers, taken: float
) -> list[dict[str, Any]]:
    from inventory.models import Movement, StockItem  # noqa: PLC0415
    from orders.models import Order, Payment  # noqa: PLC0415

    gone = Movement.objects.filter(item__sku=sku, kind=Movement.Kind.SHIP_OUT)
    sold = -sum(gone.values_list("quantity", flat=True))
    item = StockItem.objects.get(sku=sku)
    charged = Payment.objects.filter(status=Payment.Status.CAPTURED)
    confirmed = Order.objects.filter(status=Order.Status.CONFIRMED)
    amiss = charged.exclude(order__in=confirmed).count()
    amiss += confirmed.exclude(payment__in=charged).count()
    room = f" with a waiting room of {crowd.places}" if crowd.has_room else ""
    what = f"rush of {crowd.buyers} for {crowd.units}{room}, {database}: "
    longest = {"what": f"{what}longest wait", "ours": max(answers.waits), "unit": "s"}
    exactly = {"at_least": crowd.units, "at_most": crowd.units}
    none = {"at_least": 0, "at_most": 0}
    return [
        {"what": f"{what}sold", "ours": sold, "unit": "units", **exactly},
        {
            "what": f"{what}left or held",
            "ours": item.on_hand + item.held,
            "unit": "units",
            **none,
        },
        {
            "what": f"{what}charged without goods, or goods without a charge",
            "ours": amiss,
            "unit": "orders",
            **none,
        },
        {
            "what": f"{what}answers of 500 and above",
            "ours": answers.faults,
            "unit": "answers",
            **none,
        },
        {
            "what": f"{what}p95 of an answer",
            "ours": answers.p95,
            "unit": "s",
            "at_most": 2.0,
        },
        {
            "what": f"{what}orders until the last had ended",
            "ours": sold / taken,
            "unit": "orders/s",
        },
        *([longest] if crowd.has_room else []),
    ]


if __name__ == "__main__":
    options = [each for each in sys.argv[1:] if each == ROOM]
    if databases := [each for each in sys.argv[1:] if each in DATABASES]:
        print(json.dumps(rush(databases[0], has_room=bool(options))))  # noqa: T201
    else:
        show(measure(*options))
