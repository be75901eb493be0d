"""Measure guests' pages beside bare Django pages, on both databases.

``python -m benchmarks.pages``; part of ``make bench``. Shop and bare application run
under the same gunicorn settings on the same database. Eight clients ask one page after
the other, in rounds, so that a busy moment of the machine meets all of them.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from benchmarks.http_load import Load, ask
from benchmarks.report import Row, is_short, show
from tests.support import postgres
from tests.support.ports import free_row
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[1]
ROUNDS = 3
SECONDS = 1.0  # a page and round
SHOP_APPLICATION = ("shop.wsgi:application",)
BARE_APPLICATION = ("-c", "python:benchmarks.bare.server", "benchmarks.bare.wsgi")
BARE_LIST, BARE_DETAIL = "bare list", "bare detail"
P95_MS = 50.0

# Name and whether there is a cart.
Target = tuple[str, bool]
Targets = dict[Target, tuple[int, str, dict[str, str]]]
Loads = dict[Target, Load]


def measure() -> list[Row]:
    """Return the rows of both databases. Takes about a minute and a half."""
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        sqlite = _measure_on("SQLite", Path(folder) / "sqlite", {})
        own = {"DATABASE_URL": url}
        return sqlite + _measure_on("PostgreSQL", Path(folder) / "postgresql", own)


def _measure_on(database: str, folder: Path, variables: dict[str, str]) -> list[Row]:
    environment = {
        **os.environ,
        **variables,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    manage(environment, "prepare")
    shop_port, bare_port = free_row(2), free_row(2)
    with ExitStack() as stack:
        for port, application in (
            (shop_port, SHOP_APPLICATION),
            (bare_port, BARE_APPLICATION),
        ):
            stack.enter_context(served(port, application, environment))
        pages = _pages(shop_port)
        bare = {BARE_LIST: "/", BARE_DETAIL: pages["product"]}
        loads = _rounds(shop_port, bare_port, pages, bare)
    return _rows(database, pages, loads)


def manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def served(
    port: int, application: tuple[str, ...], environment: dict[str, str]
) -> Iterator[None]:
    bind = ("--bind", f"127.0.0.1:{port}")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", *bind, *application],
        cwd=ROOT,
        env=environment | {"PORT": str(port)},
    )
    try:
        wait_until(lambda: _answers(port), f"a server on port {port}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=10).ok
    except requests.ConnectionError:
        return False


def _pages(port: int) -> dict[str, str]:
    """Return the paths to measure: the first category and product of the home page."""
    home = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
    category, product = (
        home.split(f'href="{start}', 1)[1].split('"', 1)[0] for start in ("/c/", "/p/")
    )
    return {
        "home": "/",
        "category": f"/c/{category}",
        "search": "/search/?q=mug",
        "product": f"/p/{product}",
    }


def _cart_cookie(port: int, product: str) -> dict[str, str]:
    """Put a unit of the product into a cart. Return the headers of its visitor."""
    url = f"http://127.0.0.1:{port}"
    page = requests.get(url + product, timeout=10).text
    sku = page.split('name="sku" value="', 1)[1].split('"', 1)[0]
    visitor = requests.Session()
    form = {"sku": sku, "quantity": "1"}
    answer = visitor.post(f"{url}/cart/add/", form, headers={"Origin": url}, timeout=10)
    answer.raise_for_status()
    return {"Cookie": f"cart={visitor.cookies['cart']}"}


def _rounds(
    shop_port: int, bare_port: int, pages: dict[str, str], bare: dict[str, str]
) -> Loads:
    visitor = _cart_cookie(shop_port, pages["product"])
    targets: Targets = {
        (name, False): (bare_port, path, {}) for name, path in bare.items()
    }
    for name, path in pages.items():
        targets[name, False] = (shop_port, path, {})
        targets[name, True] = (shop_port, path, visitor)
    loads: Loads = {target: Load() for target in targets}
    for _round in range(1 if is_short() else ROUNDS):
        for target, (port, path, headers) in targets.items():
            ask(port, path, SECONDS / 5, headers)
            loads[target].add(ask(port, path, SECONDS, headers))
    return loads


def _rows(database: str, pages: dict[str, str], loads: Loads) -> list[Row]:
    rows = []
    for name in pages:
        beside = BARE_DETAIL if name == "product" else BARE_LIST
        for has_cart in (False, True):
            load = loads[name, has_cart]
            what = f"{database}, {name}, {'cart' if has_cart else 'guest'}"
            rows += [
                Row(
                    what,
                    ours=load.rate,
                    unit="/s",
                    beside=beside,
                    value=loads[beside, False].rate,
                    at_least=_bar(name, has_cart=has_cart),
                ),
                Row(f"{what}, p95", load.percentile(95), "ms", at_most=P95_MS),
            ]
    return rows


def _bar(name: str, *, has_cart: bool) -> float:
    if name == "product":
        return 0.5 if has_cart else 1.0
    return 0.8 if has_cart else 2.0


if __name__ == "__main__":
    show(measure())
