"""Addresses of other countries: fields, postcodes, and the order of lines."""

import pytest
from django.utils import translation

from shop.countries import (
    JAPAN,
    LONGEST_POSTCODE,
    LONGEST_REGION,
    country_choices,
    country_name,
    lines_of,
    postcode_of,
    rules_of,
)

ADDRESS = {"street": "1 Main St", "building": "Apt 2", "city": "Town"}


@pytest.mark.parametrize(
    ("country", "fields", "optional"),
    [
        ("US", ["street", "city", "region", "postcode"], []),
        ("FR", ["street", "postcode", "city"], []),
        ("GB", ["street", "city", "postcode"], []),
        ("HK", ["street", "city", "region"], ["city"]),
        ("SG", ["street", "postcode"], []),
        ("IE", ["street", "city", "region", "postcode"], ["region", "postcode"]),
    ],
)
def test_a_country_asks_for_its_own_fields_in_its_order(
    country: str, fields: list[str], optional: list[str]
) -> None:
    rules = rules_of(country)
    assert list(rules.fields) == fields
    assert set(fields) - rules.required == set(optional)


@pytest.mark.parametrize(
    ("country", "region", "typed", "kept"),
    [
        ("US", "CA", "\uff19\uff15\uff10\uff11\uff14", "95014"),
        ("US", "NY", "95014", None),
        ("US", "CA", "950", None),
        ("US", "CA", "9501④", None),
        ("GB", "", "sw1a 1aa", "SW1A 1AA"),
        ("GB", "", "12345", None),
        ("DE", "", "10115 Berlin", None),
        # Without a pattern; its capitals are eighteen.
        ("KP", "", "\u00df" * 9, None),
    ],
)
def test_a_postcode_is_that_of_country_and_region(
    country: str, region: str, typed: str, kept: str | None
) -> None:
    assert postcode_of(country, region, typed) == kept


@pytest.mark.parametrize(
    ("country", "region", "postcode", "last"),
    [
        ("US", "CA", "95014", ["Town, CA 95014", "UNITED STATES OF AMERICA"]),
        ("FR", "", "75001", ["75001 Town", "FRANCE"]),
        ("SG", "", "546080", ["SINGAPORE 546080", "SINGAPORE"]),
        ("IE", "", "", ["Town", "IRELAND"]),
    ],
)
def test_lines_are_those_that_its_post_reads(
    country: str, region: str, postcode: str, last: list[str]
) -> None:
    with translation.override("ja"):
        lines = lines_of(country, **ADDRESS, region=region, postcode=postcode)
    assert lines == ["1 Main St", "Apt 2", *last]


def test_every_country_fits_the_columns_and_has_latin_regions() -> None:
    for code, _name in country_choices():
        rules = rules_of(code)
        values = [value for value, _label in rules.regions]
        assert len(rules.postcode_example) <= LONGEST_POSTCODE
        assert len(set(values)) == len(values)
        assert all(len(each) <= LONGEST_REGION for each in values)
        assert all(max(each) < "\u0250" for each in values)


def test_names_are_in_the_reader_s_language() -> None:
    with translation.override("ja"):
        assert (country_name(JAPAN), country_name("FR")) == ("日本", "フランス")
    with translation.override("en"):
        assert country_name("FR") == "France"
    assert JAPAN not in dict(country_choices())
