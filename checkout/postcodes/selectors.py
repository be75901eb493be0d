"""Where a postcode lies, and whether it fits a prefecture."""

from checkout.postcodes.areas import Area
from checkout.postcodes.models import PostcodeArea


def areas_of(postcode: str) -> list[Area]:
    """Return the areas of a postcode such as 106-0031; [] if it is not known.

    That says nothing about the postcode: large companies have their own, and the data
    may be old.
    """
    rows = PostcodeArea.objects.filter(code=postcode.replace("-", ""))
    return [Area(row.code, row.prefecture, row.city, row.town) for row in rows]


def areas_elsewhere(postcode: str, prefecture: str) -> list[Area]:
    """Return the areas of a postcode that lies in other prefectures only, else []."""
    areas = areas_of(postcode)
    return [] if any(area.prefecture == prefecture for area in areas) else areas
