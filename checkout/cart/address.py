"""Fill in an address by its postcode, and say where the two disagree.

What was typed is never changed without being asked: only what is empty is filled in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from checkout.cart.text import normalise_postcode
from checkout.postcodes.areas import Area
from checkout.postcodes.selectors import areas_elsewhere, areas_of
from checkout.shipping.prefectures import Prefecture

_FILLED = ("prefecture", "city", "street")
_HAS_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class Filled:
    """The fields to be changed, and a sentence for the customer.

    ``other``: what the postcode belongs to, if that is not the chosen prefecture.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    other: str = ""


def fill_in(typed: Mapping[str, str], *, replace: bool = False) -> Filled:
    """Return what the typed postcode says about the address.

    ``replace``: the customer asks for the postcode's address in place of the typed one.
    A street with a number stays in any case.
    """
    try:
        postcode = normalise_postcode(typed.get("postcode", ""))
    except ValidationError as error:
        return Filled(sentence=" ".join(error.messages))
    areas = areas_of(postcode)
    if not areas:
        return Filled(
            sentence=_("We do not know this postcode. Please enter the address.")
        )
    kept = {name: typed.get(name, "") for name in _FILLED}
    if replace:
        kept = {"street": kept["street"] if _HAS_NUMBER.search(kept["street"]) else ""}
    chosen = kept.get("prefecture", "")
    here = [area for area in areas if chosen in ("", area.prefecture)]
    if not here:
        return Filled(sentence=mismatch(postcode, chosen, areas), other=_write(areas))
    found = _common(here)
    values = {
        name: found[name] for name in _FILLED if found[name] and not kept.get(name)
    }
    if not values and not chosen and not found["prefecture"]:
        text = _("This postcode is in %(places)s. Please choose the prefecture.")
        return Filled(sentence=text % {"places": _write(here)})
    return Filled(values, _said(values))


def problem_of(postcode: str, prefecture: str) -> str:
    """Return why the postcode does not fit the prefecture, or ""."""
    areas = areas_elsewhere(postcode, prefecture)
    return mismatch(postcode, prefecture, areas) if areas else ""


def is_unfinished(postcode: str, street: str) -> bool:
    """Return whether the street is no more than what the postcode filled in."""
    return any(area.town == street for area in areas_of(postcode) if area.town)


def mismatch(postcode: str, prefecture: str, areas: list[Area]) -> str:
    """Return the sentence: where the postcode lies, and which prefecture is chosen."""
    return _("%(postcode)s is in %(place)s, but you chose %(prefecture)s.") % {
        "postcode": postcode,
        "place": _write(areas),
        "prefecture": Prefecture(prefecture).label,
    }


def _common(areas: list[Area]) -> dict[str, str]:
    """Return what all areas agree on, by field."""
    prefectures = {area.prefecture for area in areas}
    cities = {area.city for area in areas}
    return {
        "prefecture": prefectures.pop() if len(prefectures) == 1 else "",
        "city": cities.pop() if len(cities) == 1 else "",
        "street": areas[0].town if len(areas) == 1 else "",
    }


def _said(values: Mapping[str, str]) -> str:
    if not any(values.values()):
        return ""
    # Names of cities and towns are Japanese: nothing stands between them.
    place = values.get("city", "") + values.get("street", "")
    if prefecture := values.get("prefecture"):
        named = {"prefecture": Prefecture(prefecture).label, "city": place}
        place = (_("%(prefecture)s %(city)s") % named).strip()
    return _("Filled in: %(place)s") % {"place": place}


def _write(areas: list[Area]) -> str:
    """Return the places of a postcode, each once."""
    places = (
        _("%(prefecture)s %(city)s")
        % {"prefecture": Prefecture(area.prefecture).label, "city": area.city}
        for area in areas
    )
    return ", ".join(dict.fromkeys(places))
