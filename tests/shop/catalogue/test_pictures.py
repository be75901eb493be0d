"""Uploads are decoded before they are believed, and never shown as they came."""

import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from shop.catalogue import pictures
from shop.catalogue.models import Picture, Product
from shop.catalogue.pictures import MAX_BYTES, store, validate_picture
from tests.shop.catalogue.test_admin import picture_row, product_form
from tests.support.catalogue import SVG, make_category
from tests.support.shopping import text_of
from tests.support.uploads import SIGNATURE, encoded

ADD = "admin:catalogue_product_add"


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of some bytes that says to be this large."""
    parts = []
    for name, data in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 100)),
        (b"IEND", b""),
    ):
        checked = name + data
        length, checksum = len(data), zlib.crc32(checked)
        parts.append(struct.pack(">I", length) + checked + struct.pack(">I", checksum))
    return SIGNATURE + b"".join(parts)


def moving(kind: str) -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=99)
    return out.getvalue()


def upload(content: bytes, name: str = "mug.png") -> "ContentFile[bytes]":
    return ContentFile(content, name=name)


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "8 bytes that claim to be PNG": ("a.png", SIGNATURE, "not a JPEG, PNG or WebP"),
    "a web page": ("a.png", b"<html><script>", "not a JPEG, PNG or WebP"),
    "a drawing": ("a.svg", SVG, "not a JPEG, PNG or WebP"),
    "a drawing of 1e9": (
        "a.svg",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>',
        "not a JPEG, PNG or WebP",
    ),
    "a drawing by another name": ("a.png", SVG, "not a JPEG, PNG or WebP"),
    "another format": ("a.png", encoded("GIF"), "not a JPEG, PNG or WebP"),
    "another large format": ("a.tiff", encoded("TIFF"), "not a JPEG, PNG or WebP"),
    "a sound": ("a.webp", b"RIFF\x10\0\0\0WAVEfmt ", "not a JPEG, PNG or WebP"),
    "a bomb": ("a.png", png_header(30_000, 30_000), "too many pixels"),
    "a smaller bomb": ("a.png", png_header(9_000, 9_000), "too many pixels"),
    "a strip": ("a.png", encoded(size=(12_001, 1)), "too many pixels"),
    "the end is missing": ("a.jpg", encoded("JPEG")[:-999], "file is damaged"),
    "the end of a PNG is missing": (
        "a.png",
        encoded(size=(400, 400), colour=0, mode="RGB")[:-60],
        "file is damaged",
    ),
    "a header without pixels": ("a.png", png_header(500, 500), "file is damaged"),
    "a moving PNG": ("a.png", moving("PNG"), "The picture moves"),
    "a moving WebP": ("a.webp", moving("WEBP"), "The picture moves"),
    "too many bytes": (
        "a.png",
        encoded() + b"\0" * MAX_BYTES,
        "larger than 10 MB",
    ),
    "nothing": ("a.png", b"", "The submitted file is empty"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_picture_is_refused_at_the_field(
    admin_client: Client, media_dir: Path, case: str
) -> None:
    name, content, words = REFUSED[case]
    form = product_form(make_category(), picture_row(name, content))

    answer = admin_client.post(reverse(ADD), form)

    (row,) = answer.context["inline_admin_formsets"][1].formset.errors
    assert list(row) == ["file"]
    assert words in row["file"][0]
    assert words in text_of(answer)
    assert not Product.objects.exists()
    assert not media_dir.exists()


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_picture(upload(png_header(30_000, 30_000)))
    assert refusal.value.code == "picture_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_three_widths_of_webp(media_dir: Path, kind: str) -> None:
    made = store(upload(encoded(kind)))

    assert [(each.width, each.height) for each in made] == [
        (320, 213),
        (640, 427),
        (1280, 853),
    ]
    for each in made:
        content = (media_dir / each.name).read_bytes()
        assert each.name == f"pictures/{hashlib.sha256(content).hexdigest()}.webp"
        image = Image.open(BytesIO(content))
        assert image.format == "WEBP"
        assert image.size == (each.width, each.height)


def test_a_small_picture_is_not_enlarged(media_dir: Path) -> None:
    assert [each.width for each in store(upload(encoded(size=(400, 300))))] == [
        320,
        400,
    ]
    assert [each.width for each in store(upload(encoded(size=(9, 9))))] == [9]


def colour_of(media_dir: Path, content: bytes) -> tuple[int, ...]:
    """Return the colour in the middle of what is shown of an upload."""
    largest = store(upload(content))[-1]
    image = Image.open(media_dir / largest.name)
    colour = image.getpixel((largest.width // 2, largest.height // 2))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # 8 bits or 16, grey, with a palette, or for print: all become 8 bits of sRGB.
        (encoded(mode="L", colour=128), (128, 128, 128)),
        (encoded(mode="I;16", colour=0x8080), (128, 128, 128)),
        (encoded(mode="1", colour=1), (255, 255, 255)),
        (encoded(mode="P", colour=0), (0, 0, 0)),
        (encoded("JPEG", mode="CMYK", colour=(255, 0, 255, 0)), (0, 255, 0)),
        (encoded(mode="RGBA", colour=(0, 0, 255, 255)), (0, 0, 255, 255)),
        (encoded(mode="LA", colour=(200, 255)), (200, 200, 200, 255)),
    ],
)
def test_every_kind_of_colour_is_shown(
    media_dir: Path, content: bytes, expected: tuple[int, ...]
) -> None:
    shown = colour_of(media_dir, content)
    assert shown[:3] == pytest.approx(expected[:3], abs=6)
    assert shown[3:] in ((), (255,))


def test_what_is_transparent_stays_so(media_dir: Path) -> None:
    assert colour_of(media_dir, encoded(mode="RGBA", colour=(0, 0, 255, 0)))[3] == 0


def test_the_colours_of_another_profile_are_converted(media_dir: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile"):
        content = encoded("JPEG", colour=(10, 200, 30), icc_profile=profile)
        assert colour_of(media_dir, content) == pytest.approx((10, 200, 30), abs=9)


def test_a_picture_stands_upright_and_its_exif_is_gone(media_dir: Path) -> None:
    image = Image.new("RGB", (800, 600), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 399, 599), fill="red")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"  # the place
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"Secret Comment")

    made = store(upload(out.getvalue()))

    assert (made[-1].width, made[-1].height) == (600, 800)
    shown = Image.open(media_dir / made[-1].name)
    assert shown.getpixel((300, 50)) == pytest.approx((255, 0, 0), abs=9)
    assert shown.getpixel((300, 750)) == pytest.approx((255, 255, 255), abs=9)
    assert not shown.getexif()
    assert not {"exif", "xmp", "icc_profile"} & set(shown.info)
    assert b"Secret" not in (media_dir / made[-1].name).read_bytes()


def test_nothing_behind_the_picture_is_kept(media_dir: Path) -> None:
    """A picture that is a web page or an archive as well is only a picture here."""
    tail = b"PK\x03\x04<script>alert(1)</script>"
    made = store(upload(encoded() + tail))
    for each in made:
        assert b"<script>" not in (media_dir / each.name).read_bytes()


@pytest.mark.parametrize("name", ["mug.png", "mug", "mug.exe", "../../mug.svg"])
def test_the_content_counts_and_not_the_name(media_dir: Path, name: str) -> None:
    file = upload(encoded("JPEG"), name)
    validate_picture(file)
    assert file.tell() == 0
    assert all(each.name.endswith(".webp") for each in store(file))


def test_a_phone_s_second_picture_is_left_out(media_dir: Path) -> None:
    out = BytesIO()
    first, second = Image.new("RGB", (90, 60), "red"), Image.new("RGB", (9, 9))
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert colour_of(media_dir, out.getvalue()) == pytest.approx((254, 0, 0), abs=6)


SAMPLES = [
    encoded(kind, (40, 30), mode=mode)
    for kind, mode in (("JPEG", "RGB"), ("PNG", "RGB"), ("WEBP", "RGB"), ("PNG", "P"))
]


@settings(max_examples=200, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    changes=st.lists(
        st.tuples(st.integers(0, 4000), st.binary(max_size=9)), max_size=4
    ),
)
def test_a_file_with_changed_bytes_is_a_picture_or_refused(
    sample: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, data in changes:
        at = place % len(sample)
        sample = sample[:at] + data + sample[at + len(data) :]
    try:
        picture = pictures._decode(sample)
    except ValidationError:
        return
    assert picture.mode in ("RGB", "RGBA")


def test_a_file_is_written_once_under_the_name_of_its_content(media_dir: Path) -> None:
    first, second = store(upload(encoded())), store(upload(encoded(), "other.png"))
    assert first == second
    assert len(list((media_dir / "pictures").iterdir())) == 3


def test_a_disk_that_fails_leaves_no_part_of_a_file(
    media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        store(upload(encoded()))
    assert list((media_dir / "pictures").iterdir()) == []


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_fault_between_the_widths_shows_none_of_them(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """The row is saved last, so goods show three widths or what they showed before."""
    write: Callable[[bytes, str], str] = pictures.write
    calls = iter(range(9))

    def fail_after(content: bytes, extension: str) -> str:
        if next(calls) == written:
            raise OSError(5, "Input/output error")
        return write(content, extension)

    monkeypatch.setattr(pictures, "write", fail_after)
    form = product_form(make_category(), picture_row("mug.png", encoded()))
    with pytest.raises(OSError, match="Input/output"):
        admin_client.post(reverse(ADD), form)
    assert not Product.objects.exists()
    assert not Picture.objects.exists()


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_database_that_fails_after_the_files_were_written_shows_nothing(
    admin_client: Client, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("shop.catalogue.admin.services.index_product", fail)
    form = product_form(make_category(), picture_row("mug.png", encoded()))
    with pytest.raises(DatabaseError):
        admin_client.post(reverse(ADD), form)
    assert not Picture.objects.exists()
    assert len(list((media_dir / "pictures").iterdir())) == 3
