"""Read pages: as customers see them, and with all their versions."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language

from shop.pages.models import PageVersion, Place
from shop.pages.standard import STANDARD


@dataclass(frozen=True)
class Page:
    """A page as it is now. ``number`` is 0 for a first draft that nobody published."""

    slug: str
    place: str
    is_shown: bool
    titles: dict[str, str]
    bodies: dict[str, str]
    number: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""

    @property
    def title(self) -> str:
        return _in_language(self.titles)

    @property
    def body(self) -> str:
        return _in_language(self.bodies)

    @property
    def url(self) -> str:
        return reverse("pages:page", args=[self.slug])

    @property
    def is_standard(self) -> bool:
        return self.slug in STANDARD


def list_pages() -> list[Page]:
    """Return all pages, the standard ones first, drafts included: one query."""
    published = {row.slug: page_of(row) for row in PageVersion.objects.current()}
    standard = [published.get(slug) or _draft(slug) for slug in STANDARD]
    own = sorted(set(published) - set(STANDARD))
    return [*standard, *(published[slug] for slug in own)]


def find_page(slug: str) -> Page | None:
    """Return the page as it is now, also one that is not shown; None: unknown."""
    row = PageVersion.objects.filter(slug=slug).order_by("-number").first()
    if row is not None:
        return page_of(row)
    return _draft(slug) if slug in STANDARD else None


def find_version(slug: str, number: int) -> Page | None:
    """Return a page as it was in a version; 0 is the first draft."""
    if number == 0:
        return _draft(slug) if slug in STANDARD else None
    row = PageVersion.objects.filter(slug=slug, number=number).first()
    return page_of(row) if row else None


def list_versions(slug: str) -> list[PageVersion]:
    """Return what was published of a page, newest first, without the texts."""
    rows = PageVersion.objects.filter(slug=slug).order_by("-number")
    return list(rows.defer("body_ja", "body_en"))


def footer_places(pages: list[Page]) -> list[tuple[str, str, list[Page]]]:
    """Return the columns of links: place, its label and the pages that are shown."""
    return [
        (
            place.value,
            str(place.label),
            [page for page in pages if page.place == place and page.is_shown],
        )
        for place in (Place.SHOPPING, Place.HELP, Place.COMPANY)
    ]


def page_of(row: PageVersion) -> Page:
    return Page(
        slug=row.slug,
        place=row.place,
        is_shown=row.is_shown,
        titles={"ja": row.title_ja, "en": row.title_en},
        bodies={"ja": row.body_ja, "en": row.body_en},
        number=row.number,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
    )


def _draft(slug: str) -> Page:
    standard = STANDARD[slug]
    drafts = {language: standard.draft(language) for language in ("ja", "en")}
    return Page(
        slug=slug,
        place=standard.place,
        is_shown=True,
        titles={language: draft[0] for language, draft in drafts.items()},
        bodies={language: draft[1] for language, draft in drafts.items()},
    )


def _in_language(texts: dict[str, str]) -> str:
    return texts.get((get_language() or "en")[:2]) or texts["en"]
