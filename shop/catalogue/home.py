"""What the home page shows: a banner, programmes, featured and new goods."""

from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import get_language

from shop import database_clock
from shop.catalogue.models import HomeBanner, Picture, Product, Shown
from shop.catalogue.selectors import Card, cards_of

FEATURED, NEWEST, PROGRAMMES = 10, 5, 4
# Beside the words of the banner.
_IN_BANNER = 3


@dataclass(frozen=True)
class Programme:
    """A programme with the number of its goods on sale, and one of their pictures."""

    name: str
    count: int
    url: str
    picture: Shown | None


@dataclass(frozen=True)
class HomePage:
    """``featured`` are those that staff chose, then others in the shop's order."""

    banner: HomeBanner | None
    pictures: list[Shown]
    programmes: list[Programme]
    featured: list[Card]
    newest: list[Card]


def read_home() -> HomePage:
    """Return the home page in the active language: at most nine queries."""
    banner = HomeBanner.objects.due(database_clock.read()).first()
    on_sale = Product.objects.on_sale().for_cards()
    chosen = list(on_sale.order_by("-is_featured", "position", "pk")[:FEATURED])
    newest = list(on_sale.order_by("-released_at", "-pk")[:NEWEST])
    known = {product.pk for product in chosen}
    others = [product for product in newest if product.pk not in known]
    cards = {card.slug: card for card in cards_of([*chosen, *others])}
    featured = [cards[each.slug] for each in chosen if each.slug in cards]
    pictures = (card.picture for card in featured if card.picture)
    return HomePage(
        banner=banner,
        pictures=list(islice(pictures, _IN_BANNER)),
        programmes=_programmes(),
        featured=featured,
        newest=[cards[each.slug] for each in newest if each.slug in cards],
    )


def _programmes() -> list[Programme]:
    named = Product.objects.on_sale().exclude(Q(programme_en="") & Q(programme_ja=""))
    rows = list(
        named.values("programme_en", "programme_ja")
        .annotate(count=Count("pk"), picture=Min("cover"))
        .order_by("-count", "programme_en")[:PROGRAMMES]
    )
    pictures = Picture.objects.in_bulk([row["picture"] for row in rows])
    language = (get_language() or "en")[:2]
    found = []
    for row in rows:
        name = row[f"programme_{language}"] or row["programme_en"]
        name = name or row["programme_ja"]
        picture = pictures.get(row["picture"])
        url = f"{reverse('catalogue:search')}?{urlencode({'q': name})}"
        shown = picture.shown if picture else None
        found.append(Programme(name, row["count"], url, shown))
    return found
