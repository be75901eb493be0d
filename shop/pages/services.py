"""Publish pages: each time a new version, so that none is lost."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from shop.pages.errors import PageChanged
from shop.pages.models import PageVersion
from shop.pages.selectors import Page


@dataclass(frozen=True)
class PageText:
    """What staff write of a page, in both languages."""

    title_ja: str
    title_en: str
    body_ja: str
    body_en: str
    place: str
    is_shown: bool = True

    @classmethod
    def of(cls, page: Page) -> "PageText":
        return cls(
            title_ja=page.titles["ja"],
            title_en=page.titles["en"],
            body_ja=page.bodies["ja"],
            body_en=page.bodies["en"],
            place=page.place,
            is_shown=page.is_shown,
        )


def publish(
    slug: str, text: PageText, actor: str, *, seen: int, note: str = ""
) -> PageVersion:
    """Show the text from now on. ``seen`` is the version that the writer has seen.

    Raises PageChanged if there is a newer one; of two who publish at the same moment
    one is refused.
    """
    try:
        with transaction.atomic():
            newest = _newest(slug)
            if (newest.number if newest else 0) != seen:
                raise PageChanged(newest)
            return PageVersion.objects.create(
                slug=slug, number=seen + 1, saved_by=actor, note=note, **vars(text)
            )
    except IntegrityError as error:
        raise PageChanged(_newest(slug)) from error


def _newest(slug: str) -> PageVersion | None:
    return PageVersion.objects.filter(slug=slug).order_by("-number").first()
