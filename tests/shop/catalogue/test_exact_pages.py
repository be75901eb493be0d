"""However edits and reads are mixed, no page shows what an edit has replaced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from checkout.announcements.models import Announcement
from checkout.announcements.services import lift, put_up
from checkout.cart.models import CartLine
from checkout.shipping.models import ShippingMethod
from shop.catalogue.drawings import store_drawing
from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.services import add_picture, index_category, index_product
from shop.page_cache.store import PAGES
from tests.support.catalogue import SVG
from tests.support.shipping import close_for_days
from tests.support.shopping import CART, fill

PATHS = (
    "/",
    "/goods/?sort=price",
    "/goods/?sort=name",
    "/c/kitchen/",
    "/search/?q=mug",
    "/p/mug/",
    "/p/tea/",
)
SLUGS = ("mug", "tea")
Edit = Callable[[str, int], object]


def put_up_or_lift(_slug: str, number: int) -> None:
    row = Announcement.objects.filter(lifted_at=None).first()
    if row is None or number % 2:
        put_up("yuki", "a move", (f"Banner {number}", f"案内{number}"))
    else:
        lift(row, "yuki", "over")


def rename_category(_slug: str, number: int) -> None:
    Category.objects.update(name_en=f"Kitchen {number}", name_ja=f"台所{number}")
    index_category(Category.objects.get().pk)


def replace_picture(slug: str, number: int) -> None:
    product = Product.objects.get(slug=slug)
    product.pictures.all().delete()
    texts = {"alt_en": f"View {number}", "alt_ja": f"眺め{number}"}
    add_picture(product, [store_drawing(SVG)], **texts)
    index_product(product.pk)


def rename(slug: str, number: int) -> None:
    product = Product.objects.get(slug=slug)
    product.name_en, product.name_ja = f"Mug {number}", f"マグ{number}"
    product.save()
    index_product(product.pk)


EDITS: dict[str, Edit] = {
    "price": lambda slug, number: Variant.objects.filter(product__slug=slug).update(
        price_minor=100 + number
    ),
    "name": rename,
    "text": lambda slug, number: Product.objects.filter(slug=slug).update(
        description_en=f"Text {number}", description_ja=f"文{number}"
    ),
    "on sale": lambda slug, number: Product.objects.filter(slug=slug).update(
        is_active=bool(number % 2)
    ),
    "variant": lambda slug, number: Variant.objects.filter(product__slug=slug).update(
        is_active=bool(number % 2)
    ),
    "category": rename_category,
    "picture": replace_picture,
    "announcement": put_up_or_lift,
    "shipping": lambda _, number: ShippingMethod.objects.update_or_create(
        name_en="Parcel", defaults={"free_from_minor": number or None}
    ),
}

READS = st.tuples(
    st.just("read"), st.sampled_from(PATHS), st.sampled_from(["en", "ja"])
)
CHANGES = st.tuples(
    st.sampled_from(sorted(EDITS)), st.sampled_from(SLUGS), st.integers(0, 50)
)
CARTS = st.tuples(st.just("cart"), st.sampled_from(SLUGS), st.integers(1, 9))


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.long
@pytest.mark.both_databases
@pytest.mark.django_db
def test_no_page_shows_what_an_edit_has_replaced(
    mug: Product, tea: Product, settings_of_test: Settings
) -> None:
    close_for_days()
    visitor, guest, uncached = Client(), Client(), Client()
    before = settings_of_test.MIDDLEWARE
    settings_of_test.MIDDLEWARE = [each for each in before if "GuestPages" not in each]
    uncached.get("/")  # From now on this client has these.
    settings_of_test.MIDDLEWARE = before
    fill(visitor, {"MUG-01": 1})
    visitor.get(CART)

    def read(path: str, language: str) -> None:
        """Compare what visitors get with what is made without the cache."""
        headers = {"Accept-Language": language}
        for client in (visitor, guest):
            uncached.cookies = client.cookies
            expected = uncached.get(path, headers=headers)
            answer = client.get(path, headers=headers)
            assert answer.content == expected.content, (path, language)
            assert answer.status_code == expected.status_code

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(READS | CHANGES | CARTS, min_size=6, max_size=12))
    def mix(steps: list[tuple[str, str, object]]) -> None:
        with rolled_back():
            for kind, target, value in steps:
                if kind == "read":
                    read(target, str(value))
                elif kind == "cart":
                    lines = CartLine.objects.filter(variant__product__slug=target)
                    lines.update(quantity=value)
                else:
                    assert isinstance(value, int)
                    EDITS[kind](target, value)
                    read(PATHS[value % len(PATHS)], "en")
        # The versions of what was rolled back do not come back: nothing is cleared.
        assert PAGES.size > 0

    mix()


@pytest.fixture
def settings_of_test(settings: Settings, kept_pages: float) -> Settings:
    """Django's settings; hypothesis has the name."""
    return settings
