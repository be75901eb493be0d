from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client

from shop.catalogue.models import Picture, Product
from shop.catalogue.pictures import MAX_BYTES, stored_name, validate_picture
from tests.support.catalogue import SVG, make_product

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "


def svg(inside: str, attributes: str = "") -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>{inside}</svg>'
    ).encode()


def cover(product: Product) -> Picture:
    assert product.cover is not None
    return product.cover


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", SVG),
        ("a.SVG", svg('<use href="#b"/><rect fill="url(#ground)"/>')),
        ("a.png", PNG),
        ("a.jpg", JPEG),
        ("a.jpeg", JPEG),
        ("a.webp", WEBP),
    ],
)
def test_pictures_are_accepted(name: str, content: bytes) -> None:
    upload = ContentFile(content, name=name)
    validate_picture(upload)
    assert upload.read() == content


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.html", b"<html>", "picture_kind"),
        ("a.gif", b"GIF89a", "picture_kind"),
        ("a", PNG, "picture_kind"),
        ("a.png.exe", PNG, "picture_kind"),
        ("a.png", JPEG, "picture_content"),
        ("a.jpg", PNG, "picture_content"),
        ("a.webp", b"RIFF\x10\0\0\0WAVEfmt ", "picture_content"),
        ("a.png", b"", "picture_content"),
        ("a.svg", b"<html/>", "picture_content"),
        ("a.svg", b"<svg/>", "picture_content"),
        ("a.svg", b"not xml", "picture_content"),
        ("a.svg", PNG, "picture_content"),
        ("a.png", PNG + b"\0" * MAX_BYTES, "picture_size"),
    ],
)
def test_a_file_whose_content_is_not_its_kind_is_refused(
    name: str, content: bytes, code: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_picture(ContentFile(content, name=name))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "content",
    [
        svg("<script>alert(1)</script>"),
        svg("<g><SCRIPT/></g>"),
        svg("", 'onload="alert(1)"'),
        svg('<rect ONCLICK="alert(1)"/>'),
        svg('<a href="javascript:alert(1)"/>'),
        svg('<use xlink:href="https://elsewhere.example/x.svg#a"/>'),
        svg('<image href="data:text/html,x"/>'),
        svg("<foreignObject/>"),
        svg('<rect fill="url(https://elsewhere.example/x)"/>'),
        svg("<style>@import 'https://elsewhere.example/x.css';</style>"),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
        '<?xml version="1.0" encoding="utf-16"?>'.encode("utf-16") + SVG,
    ],
)
def test_an_svg_that_does_more_than_draw_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_picture(ContentFile(content, name="a.svg"))
    assert refusal.value.code == "picture_content"


def test_stored_names_are_unique_and_hide_the_original() -> None:
    names = {stored_name(Picture(), "../../My Secret.PNG") for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("pictures/") for name in names)
    assert all(name.endswith(".png") for name in names)
    assert not any("Secret" in name or ".." in name for name in names)


@pytest.mark.django_db
def test_a_stored_picture_is_checked_and_a_missing_file_reported() -> None:
    picture = cover(make_product())
    picture.full_clean()
    assert picture.file.closed
    picture.file.storage.delete(picture.file.name)
    with pytest.raises(ValidationError) as refusal:
        picture.full_clean()
    assert refusal.value.message_dict == {
        "file": ["The picture's file is missing. Upload it again."]
    }


@pytest.mark.django_db
def test_a_picture_is_served_without_scripts_and_cached_for_long(
    client: Client,
) -> None:
    address = cover(make_product()).file.url
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
    client: Client, media_dir: Path
) -> None:
    media_dir.mkdir(parents=True)
    (media_dir / "page.html").write_text("<script>")
    (media_dir.parent / "outside.png").write_bytes(PNG)
    for path in (
        "/media/page.html",
        "/media/none.png",
        "/media/",
        "/media/pictures/",
    ):
        assert client.get(path).status_code == 404
    for path in ("/media/../outside.png", "/media/%2e%2e/outside.png"):
        assert client.get(path).status_code == 400
