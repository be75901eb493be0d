"""The icon and the manifest are made from the profile."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from shop.pages.icons import draw_svg, letter_of
from shop.profile.colours import ink_on
from shop.profile.models import ShopProfile

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "letter"),
    [("minato", "M"), (" 7 days", "7"), ("みなと", ""), ("", ""), ("<b>", "")],
)
def test_the_letter_is_one_that_the_font_has(name: str, letter: str) -> None:
    assert letter_of(name) == letter


@pytest.mark.parametrize(
    ("colour", "ink"),
    [("#000000", "#ffffff"), ("#ffffff", "#1c1a22"), ("#4338ca", "#ffffff"),
     ("#ffe600", "#1c1a22")],
)  # fmt: skip
def test_the_letter_is_seen_on_every_colour(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink
    assert ink in draw_svg("A", colour)


@pytest.mark.parametrize("name", ["Minato", "みなと"])
@pytest.mark.parametrize(
    ("path", "kind", "size"),
    [("/icon-180.png", "PNG", 180), ("/icon-512.png", "PNG", 512),
     ("/favicon.ico", "ICO", 48)],
)  # fmt: skip
def test_icons_are_pictures_in_the_shop_s_colour(
    client: Client, name: str, path: str, kind: str, size: int
) -> None:
    ShopProfile.objects.create(pk=1, shop_name_en=name, colour="#ff0000")
    image = Image.open(BytesIO(client.get(path).content))

    assert (image.format, image.size) == (kind, (size, size))
    colours = {pixel for _count, pixel in image.convert("RGB").getcolors(9999) or []}
    assert (255, 0, 0) in colours
    assert len(colours) > 1


def test_only_known_sizes_are_drawn(client: Client) -> None:
    assert client.get("/icon-4000.png").status_code == 404


def test_the_manifest_names_the_shop_and_icons_that_exist(client: Client) -> None:
    ShopProfile.objects.create(pk=1, shop_name_ja="みなと商店", colour="#123456")
    answer = client.get("/site.webmanifest", headers={"Accept-Language": "ja"})
    manifest = answer.json()

    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["theme_color"]) == ("みなと商店", "#123456")
    for icon in manifest["icons"]:
        assert client.get(icon["src"])["Content-Type"] == "image/png"
    assert 'href="/site.webmanifest"' in client.get("/").content.decode()
