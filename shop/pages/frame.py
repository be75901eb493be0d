"""What stands around every page: the shop's profile, its categories and pages."""

from dataclasses import dataclass

from shop.catalogue.models import Category
from shop.catalogue.window import Kept
from shop.pages.selectors import Page, footer_places, list_pages
from shop.profile.models import ShopProfile
from shop.profile.selectors import default_profile


@dataclass(frozen=True)
class Frame:
    """``saved`` is the profile that staff entered; None: nobody has."""

    saved: ShopProfile | None
    categories: tuple[Category, ...]
    pages: tuple[Page, ...]

    @property
    def profile(self) -> ShopProfile:
        # Made each time: what the settings say is not part of the window's version.
        return self.saved or default_profile()

    @property
    def places(self) -> list[tuple[str, str, list[Page]]]:
        """The footer's columns, in the active language."""
        return footer_places(list(self.pages))


def _read() -> Frame:
    filled = Category.objects.filter(products__is_active=True).distinct()
    return Frame(ShopProfile.objects.first(), tuple(filled), tuple(list_pages()))


_kept = Kept(_read)


def read_frame() -> Frame:
    """Return what is committed now. Costs one query while nothing changes."""
    return _kept.get()
