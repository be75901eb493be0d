"""``make pictures``: takes every page in both languages, wide and narrow.

``python -m tests.pictures [LOOK...]``, such as ``ja-360``. Starts the real processes
with their own data, brings orders into every state, and photographs what customers and
staff see. Writes docs/pages/LOOK/NAME.webp and the gallery docs/pages.md. Exit code 1:
a page scrolls sideways, or a picture is missing.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import django

# The models imported below need it; the developer's own database is left alone.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.ground.settings"
os.environ.pop("DATABASE_URL", None)
django.setup()

from playwright.sync_api import Browser  # noqa: E402

from tests.ground.browser import started_browser  # noqa: E402
from tests.ground.live import LiveStack, live_stack  # noqa: E402
from tests.pictures import gallery, pages, walks  # noqa: E402
from tests.pictures.camera import LOOKS, Camera  # noqa: E402
from tests.pictures.stage import Stage, hold_still, set_up  # noqa: E402

VARIABLES = {
    # Patient again: a bank that takes its time is part of a picture.
    "SAGA_LEASE": "60",
    "SAGA_MAX_ATTEMPTS": "3",
    "PAYMENT_METHODS": "card,konbini",
}


def main(arguments: list[str]) -> int:
    unknown = set(arguments) - set(map(str, LOOKS))
    if unknown:
        known = ", ".join(map(str, LOOKS))
        say(f"no such look: {', '.join(sorted(unknown))} (there are: {known})")
        return 2
    looks = [look for look in LOOKS if not arguments or str(look) in arguments]
    cameras = [Camera(gallery.FOLDER, look) for look in looks]
    try:
        run(cameras)
    finally:
        shutil.rmtree(os.environ["TODOKU_TESTS"], ignore_errors=True)
    gallery.PAGE.write_text(gallery.text())
    return report(cameras)


def report(cameras: list[Camera]) -> int:
    problems = [problem for camera in cameras for problem in camera.problems]
    looks = [camera.look for camera in cameras]
    problems += [f"{name} is missing" for name in gallery.missing(looks)]
    for problem in problems:
        say(problem)
    for look in looks:
        files = list((gallery.FOLDER / str(look)).glob("*.webp"))
        weight = sum(path.stat().st_size for path in files) / 1e6
        say(f"docs/pages/{look}: {len(files)} pictures, {weight:.1f} MB")
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
        take_recovery(cameras, browser, stack)
        take_moments(cameras, browser, stage)


def look_at_everything(camera: Camera, browser: Browser, stage: Stage) -> None:
    address = stage.stack.url
    with camera.page(browser, address) as page:
        walks.look_around(camera, page, stage)
        walks.visit(camera, page, stage, pages.ORDERS)
    with camera.page(browser, address) as page, camera.trying("buying"):
        walks.buy(camera, page)
    with camera.page(browser, address) as page, camera.trying("staff"):
        walks.keep_shop(camera, page, stage)


def take_recovery(cameras: list[Camera], browser: Browser, stack: LiveStack) -> None:
    """Let a group go on, once, and look at it with every camera."""
    found = ""
    for camera in cameras:
        with camera.page(browser, stack.url) as page, camera.trying("recovery"):
            found = walks.recover(camera, page, found)


def take_moments(cameras: list[Camera], browser: Browser, stage: Stage) -> None:
    hold_still(stage)
    for camera in cameras:
        with camera.page(browser, stage.stack.url) as page:
            walks.visit(camera, page, stage, pages.MOMENTS)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
