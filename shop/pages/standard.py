"""The pages that every shop has, and their first drafts.

A draft is shown until staff publish their own text. It is written with facts, so it is
true as soon as the profile and the shipping methods are.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shop.pages.models import Place

_DRAFTS = Path(__file__).parent / "drafts"


@dataclass(frozen=True)
class StandardPage:
    slug: str
    place: Place

    def draft(self, language: str) -> tuple[str, str]:
        """Return title and text of the first draft in ``en`` or ``ja``."""
        return _read(self.slug, language)


@lru_cache
def _read(slug: str, language: str) -> tuple[str, str]:
    text = (_DRAFTS / f"{slug}.{language}.md").read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    return title.removeprefix("# ").strip(), body.strip()


# In the order of the footer.
STANDARD = {
    page.slug: page
    for page in (
        StandardPage("shipping", Place.SHOPPING),
        StandardPage("returns", Place.SHOPPING),
        StandardPage("faq", Place.HELP),
        StandardPage("legal", Place.COMPANY),
        StandardPage("privacy", Place.COMPANY),
        StandardPage("terms", Place.COMPANY),
    )
}
