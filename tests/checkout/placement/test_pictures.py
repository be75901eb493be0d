"""Files of pictures that nothing shows are removed after a month, and no others."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from checkout.periodic_jobs import run_once
from checkout.placement.pictures import kept_pictures, remove_unused_pictures
from orders.models import OrderLine
from shop.catalogue import unused_pictures
from shop.catalogue.models import Picture, UnusedPicture
from shop.catalogue.unused_pictures import KEPT_FOR, YOUNG
from tests.conftest import Clock
from tests.support.catalogue import make_product
from tests.support.orders import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MONTH = KEPT_FOR.total_seconds() + 1
DAY = YOUNG.total_seconds() + 1


@pytest.fixture
def folder(media_dir: Path) -> Path:
    (media_dir / "pictures").mkdir(parents=True)
    return media_dir / "pictures"


def write(path: Path) -> Path:
    """Write a file at the time of the stopped clock."""
    path.write_bytes(b"RIFF")
    now = timezone.now().timestamp()
    os.utime(path, (now, now))
    return path


def test_a_picture_that_staff_removed_is_found_for_a_month_more(
    folder: Path, clock: Clock
) -> None:
    make_product(pictures=1)
    (shown,) = folder.iterdir()
    write(shown)
    clock.shift(300 * DAY)
    assert remove_unused_pictures() == 0
    Picture.objects.all().delete()

    assert remove_unused_pictures() == 0
    clock.shift(MONTH - DAY)
    assert remove_unused_pictures() == 0
    assert shown.exists()
    clock.shift(DAY)
    assert remove_unused_pictures() == 1

    assert list(folder.iterdir()) == []
    # Twice is once, and the note goes with the file.
    assert remove_unused_pictures() == 0
    assert not UnusedPicture.objects.exists()


def test_what_an_order_shows_is_kept_for_ever(folder: Path, clock: Clock) -> None:
    bought, left = write(folder / "bought.webp"), write(folder / "left.webp")
    make_order()
    OrderLine.objects.update(picture="/media/pictures/bought.webp")

    for _month in range(3):
        clock.shift(MONTH)
        remove_unused_pictures()

    assert (bought.exists(), left.exists()) == (True, False)


def test_a_month_begins_again_with_a_file_that_was_shown_meanwhile(
    folder: Path, clock: Clock
) -> None:
    file = write(folder / "mug.webp")
    clock.shift(DAY)
    remove_unused_pictures()
    make_order()
    OrderLine.objects.update(picture="/media/pictures/mug.webp")
    clock.shift(MONTH - DAY)
    remove_unused_pictures()
    OrderLine.objects.update(picture="")
    clock.shift(2 * DAY)

    assert remove_unused_pictures() == 0
    clock.shift(DAY)
    assert remove_unused_pictures() == 0

    assert file.exists()


def test_a_file_that_waits_for_its_row_is_not_noted(folder: Path, clock: Clock) -> None:
    write(folder / "new.webp")

    assert remove_unused_pictures() == 0

    assert not UnusedPicture.objects.exists()


def test_a_file_written_again_at_the_moment_of_its_removal_stays(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(folder / "mug.webp")
    clock.shift(DAY)
    remove_unused_pictures()
    clock.shift(MONTH)
    discard = unused_pictures.discard

    def uploaded_meanwhile(path: Path) -> bool:
        write(path)
        return discard(path)

    monkeypatch.setattr(unused_pictures, "discard", uploaded_meanwhile)

    assert remove_unused_pictures() == 0
    assert [path.name for path in folder.iterdir()] == [file.name]


def test_files_that_the_shop_did_not_write_are_left_alone(
    folder: Path, clock: Clock
) -> None:
    odd = [write(folder / name) for name in ("mug (1).png", "カップ.webp", "m" * 200)]
    clock.shift(DAY)
    remove_unused_pictures()
    clock.shift(MONTH)

    assert remove_unused_pictures() == 0
    assert all(path.exists() for path in odd)


def test_no_folder_is_nothing_to_do(media_dir: Path) -> None:
    assert remove_unused_pictures() == 0
    assert kept_pictures() == set()


@pytest.mark.django_db(transaction=True)
def test_the_periodic_jobs_look_once_a_day(folder: Path, clock: Clock) -> None:
    left = write(folder / "left.webp")
    clock.shift(DAY)
    assert run_once()["pictures_removed"] == 0
    UnusedPicture.objects.update(since=timezone.now() - 2 * KEPT_FOR)
    clock.shift(DAY - 60)
    assert run_once()["pictures_removed"] == 0
    clock.shift(60)

    assert run_once()["pictures_removed"] == 1
    assert not left.exists()
