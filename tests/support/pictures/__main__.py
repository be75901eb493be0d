"""``make pictures``: photograph every page in both languages, wide and narrow.

``python -m tests.support.pictures [LOOK...] [NAME...]``, for example ``ja-360 home``;
without arguments all. It starts the real processes with their own data, brings orders
into every state, and photographs the pages of customers and staff. It writes
docs/pages/LOOK/NAME.webp and docs/pages/index.html, and copies the dozen photographs
kept in git to docs/pictures/. Exit code 1: a page scrolls sideways, or could not be
photographed.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import django

# The models imported below need settings, but not the developer's database.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.support.settings"
os.environ.pop("DATABASE_URL", None)
django.setup()

from playwright.sync_api import Browser  # noqa: E402

from tests.support.browser import started_browser  # noqa: E402
from tests.support.live import LiveStack, live_stack  # noqa: E402
from tests.support.pictures import gallery, pages, walks  # noqa: E402
from tests.support.pictures.camera import LOOKS, Camera  # noqa: E402
from tests.support.pictures.stage import (  # noqa: E402
    Stage,
    banner_up,
    checkout_paused,
    hold_still,
    set_up,
)

VARIABLES = {
    # The usual lease: some pictures show a bank that answers slowly.
    "SAGA_LEASE": "60",
    "STRIPE_TIMEOUT": "15",
    "SAGA_MAX_ATTEMPTS": "3",
    "PAYMENT_METHODS": "card,konbini",
}


def main(arguments: list[str]) -> int:
    names = frozenset(arguments).intersection(pages.all_names())
    unknown = set(arguments) - names - set(map(str, LOOKS))
    if unknown:
        known = ", ".join([*map(str, LOOKS), *pages.all_names()])
        say(f"no such look or page: {', '.join(sorted(unknown))} (there are: {known})")
        return 2
    looks = [look for look in LOOKS if str(look) in arguments] or LOOKS
    cameras = [Camera(gallery.FOLDER, look, names) for look in looks]
    try:
        run(cameras)
    finally:
        shutil.rmtree(os.environ["TODOKU_TESTS"], ignore_errors=True)
    gallery.write_index()
    for camera in cameras:
        gallery.keep(camera)
    return report(cameras)


def report(cameras: list[Camera]) -> int:
    problems = [problem for camera in cameras for problem in camera.problems]
    problems += [
        f"{camera.look} {name} is missing"
        for camera in cameras
        for name in camera.missing(pages.all_names())
    ]
    for problem in problems:
        say(problem)
    for camera in cameras:
        weight = sum(camera.path(name).stat().st_size for name in camera.taken) / 1e6
        say(f"docs/pages/{camera.look}: {len(camera.taken)} taken, {weight:.1f} MB")
    return 1 if problems else 0


def run(cameras: list[Camera]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="todoku-pictures-") as data,
        live_stack(Path(data), **VARIABLES) as stack,
        stack.as_database(),
        started_browser() as browser,
    ):
        say("Customers buy ...")
        stage = set_up(stack)
        for camera in cameras:
            say(f"Photographing in {camera.look} ...")
            look_at_everything(camera, browser, stage)
        take_bulk_resume(cameras, browser, stack)
        take_announced(cameras, browser, stage)
        take_passing_states(cameras, browser, stage)


def look_at_everything(camera: Camera, browser: Browser, stage: Stage) -> None:
    address = stage.stack.url
    with camera.page(browser, address) as page:
        walks.look_around(camera, page, stage)
        walks.visit(camera, page, stage, pages.ORDERS)
    if camera.wants(*pages.names(pages.ACCOUNT)):
        with camera.page(browser, address) as page, camera.trying("account"):
            walks.look_at_account(camera, page, stage)
    if camera.wants(*pages.names(pages.BUYING)):
        with camera.page(browser, address) as page, camera.trying("buying"):
            walks.buy(camera, page)
    if camera.wants(*pages.names(pages.STAFF + pages.SHOPKEEPING + pages.BULK_RESUME)):
        with camera.page(browser, address) as page, camera.trying("staff"):
            walks.keep_shop(camera, page, stage)
    if camera.wants(*pages.names(pages.FACTOR)):
        with camera.page(browser, address) as page, camera.trying("second factor"):
            walks.set_up_factor(camera, page, stage)


def take_bulk_resume(cameras: list[Camera], browser: Browser, stack: LiveStack) -> None:
    """Resume a failure group, once, and take it with every camera."""
    found = ""
    for camera in wanting(cameras, pages.BULK_RESUME):
        with camera.page(browser, stack.url) as page, camera.trying("bulk resume"):
            found = walks.recover(camera, page, found)


def take_announced(cameras: list[Camera], browser: Browser, stage: Stage) -> None:
    chosen, address = wanting(cameras, pages.ANNOUNCED), stage.stack.url
    if not chosen:
        return
    with banner_up():
        for camera in chosen:
            with camera.page(browser, address) as page:
                walks.visit(camera, page, stage, pages.ANNOUNCED)
    with checkout_paused():
        for camera in chosen:
            with camera.page(browser, address) as page, camera.trying("paused"):
                walks.come_too_late(camera, page)


def take_passing_states(cameras: list[Camera], browser: Browser, stage: Stage) -> None:
    chosen = wanting(cameras, pages.MOMENTS)
    if not chosen:
        return
    hold_still(stage)
    for camera in chosen:
        with camera.page(browser, stage.stack.url) as page:
            walks.visit(camera, page, stage, pages.MOMENTS)


def wanting(cameras: list[Camera], shots: list[pages.Shot]) -> list[Camera]:
    return [camera for camera in cameras if camera.wants(*pages.names(shots))]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
