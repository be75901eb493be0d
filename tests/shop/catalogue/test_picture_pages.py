"""Pictures on the pages, in the product's form, and as files."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from shop.catalogue.models import Picture
from tests.shop.catalogue.test_admin import picture_row, product_form
from tests.support.catalogue import SVG, make_category, make_product
from tests.support.shopping import text_of
from tests.support.uploads import encoded

ADD = "admin:catalogue_product_add"


@pytest.mark.django_db
def test_a_page_offers_every_width(admin_client: Client, client: Client) -> None:
    form = product_form(make_category(), picture_row("mug.png", encoded()))
    assert admin_client.post(reverse(ADD), form).status_code == 302
    picture = Picture.objects.get()
    names = [rendition["name"] for rendition in picture.renditions]
    offered = ", ".join(
        f"/media/{name} {width}w"
        for name, width in zip(names, (320, 640, 1280), strict=True)
    )
    for page in ("/", "/p/mug/"):
        text = text_of(client.get(page))
        assert f'src="/media/{names[1]}"' in text
        assert f'srcset="{offered}" sizes="' in text
        assert 'width="1280" height="853"' in text
    listing = text_of(admin_client.get(reverse("admin:catalogue_product_changelist")))
    assert f'src="/media/{names[0]}"' in listing


@pytest.mark.django_db
def test_a_product_is_saved_without_a_new_picture(admin_client: Client) -> None:
    product = make_product(pictures=1, units=0)
    picture = product.pictures.get()
    row = {
        "id": picture.pk,
        "product": product.pk,
        "alt_en": "Another view",
        "alt_ja": "別の写真",
        "position": 0,
    }
    variant = product.variants.get()
    form = product_form(product.category) | {
        "variants-INITIAL_FORMS": 1,
        "variants-0-id": variant.pk,
        "variants-0-product": product.pk,
        "variants-0-weight_grams": variant.weight_grams,
        "pictures-TOTAL_FORMS": 1,
        "pictures-INITIAL_FORMS": 1,
        **{f"pictures-0-{name}": value for name, value in row.items()},
    }
    address = reverse("admin:catalogue_product_change", args=[product.pk])
    assert admin_client.post(address, form).status_code == 302
    now = Picture.objects.get()
    assert (now.file.name, now.alt_en) == (picture.file.name, "Another view")
    assert now.renditions == picture.renditions

    picture.file.storage.delete(picture.file.name)
    answer = admin_client.post(address, form)
    assert "file is missing. Upload it again." in text_of(answer)


@pytest.mark.django_db
def test_a_picture_is_served_without_scripts_and_cached_for_long(
    client: Client,
) -> None:
    product = make_product()
    assert product.cover is not None
    address = product.cover.file.url
    response = client.get(address)
    assert b"".join(response) == SVG
    assert response["Content-Type"] == "image/svg+xml"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(
        address, headers={"if-modified-since": response["Last-Modified"]}
    )
    assert again.status_code == 304


def test_only_pictures_below_their_folder_are_served(
    client: Client, media_dir: Path, db: None
) -> None:
    media_dir.mkdir(parents=True)
    (media_dir / "page.html").write_text("<script>")
    (media_dir / "loose.png").write_bytes(encoded())
    (media_dir.parent / "outside.png").write_bytes(encoded())
    for path in (
        "/media/page.html",
        "/media/loose.png",
        f"/media/pictures/{'0' * 64}.webp",
        f"/media/pictures/{'0' * 300}.png",
        "/media/",
        "/media/pictures/",
        "/media/../outside.png",
        "/media/%2e%2e/outside.png",
        "/media/pictures/../../outside.png",
    ):
        assert client.get(path).status_code == 404
