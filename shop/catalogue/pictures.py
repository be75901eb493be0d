"""Check uploaded pictures, and make of them what is shown: WebP in three widths.

A picture is believed once it was decoded. What was uploaded is never stored: place,
camera and whatever else its file carries stay out of the shop.
"""

import hashlib
import os
import uuid
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

FOLDER = "pictures"
FORMATS = ("JPEG", "PNG", "WEBP")
CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
MAX_BYTES = 10 * 1024 * 1024
# About 120 MB while it is decoded; cameras of 24 million pixels are below it.
MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000
# A card on a phone, a card on a fine screen or a phone's whole width, a large screen.
WIDTHS = (320, 640, 1280)
_QUALITY = 82
_SIXTEEN_TO_EIGHT_BITS = 1 / 256


@dataclass(frozen=True)
class Rendition:
    """One file in which a picture is shown: its name in the storage, and its size."""

    name: str
    width: int
    height: int


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def stored_name(_picture: object, original: str) -> str:
    """Return the place of a file that is named by its content.

    Django calls it with the model instance, too (``upload_to``).
    """
    return f"{FOLDER}/{PurePosixPath(original).name}"


def validate_picture(upload: "File[bytes]") -> None:
    """Decode an upload, whatever its name says. The file is rewound.

    Raises:
        ValidationError: it is too large, or no still JPEG, PNG or WebP picture.
    """
    _decode(_read(upload))
    upload.seek(0)


def store(upload: "File[bytes]") -> list[Rendition]:
    """Write the picture as WebP in up to three widths; return them, smallest first.

    It is never enlarged. Twice is once: files are named by their content. Nothing
    refers to them until the caller saves the row, so a failure shows no half of them.
    """
    image = _decode(_read(upload))
    widths = sorted({min(width, image.width) for width in WIDTHS})
    return [_store_width(image, width) for width in widths]


def encode(upload: "File[bytes]") -> bytes:
    """Return the picture as WebP, no wider than the widest, and store nothing.

    Raises ValidationError as ``validate_picture`` does.
    """
    image = _decode(_read(upload))
    return _encoded(image, min(WIDTHS[-1], image.width))[0]


def write(content: bytes, extension: str) -> str:
    """Write a file that is named by its content; return its name. Twice is once."""
    digest = hashlib.sha256(content).hexdigest()
    name = stored_name(None, f"{digest}.{extension}")
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never seen half written, and young again if it was there: see unused_pictures.py.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return name


def _read(upload: "File[bytes]") -> bytes:
    if upload.size > MAX_BYTES:
        message = _("The picture is larger than 10 MB. Choose a smaller one.")
        raise ValidationError(message, code="picture_size")
    upload.seek(0)
    content: bytes = upload.read()
    return content


def _decode(content: bytes) -> Image.Image:
    """Return the decoded picture, upright and in the colours of the web.

    Its size is checked before it takes memory. Raises ValidationError.
    """
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # A file that somebody made up may break the decoder anywhere.
        message = _("This is not a JPEG, PNG or WebP picture. Choose one of these.")
        raise ValidationError(message, code="picture_kind") from error
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise _too_many_pixels()
    # Phones put a second picture into their JPEG files: the first one is meant.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        message = _("The picture moves. Choose one that stands still.")
        raise ValidationError(message, code="picture_moves")
    # JPEG only: large ones are decoded smaller, which saves time and memory.
    image.draft(None, (WIDTHS[-1], WIDTHS[-1]))
    try:
        image.load()
        return _plain(ImageOps.exif_transpose(image))
    except Exception as error:
        message = _("The picture's file is damaged. Save it once more, or use another.")
        raise ValidationError(message, code="picture_broken") from error


def _too_many_pixels() -> ValidationError:
    message = _(
        "The picture has too many pixels. Make it smaller: at most 40 million in all, "
        "and 12,000 on each side."
    )
    return ValidationError(message, code="picture_pixels")


def _plain(image: Image.Image) -> Image.Image:
    """Return 8 bits of RGB or RGBA, without anything but the pixels."""
    alpha = None
    if image.has_transparency_data:
        alpha = image.convert("RGBA").getchannel("A")
    if image.mode.startswith("I"):
        # Converted directly, everything but black would become white.
        image = image.point(lambda value: value * _SIXTEEN_TO_EIGHT_BITS).convert("L")
    plain = _in_srgb(image)
    if alpha is not None:
        plain.putalpha(alpha)
    plain.info = {}
    return plain


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(
                image, source, target, outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            # A profile of another kind, or a damaged one: the colours as they are.
            return image.convert("RGB")
        if converted is not None:
            return converted
    return image.convert("RGB")


def _store_width(image: Image.Image, width: int) -> Rendition:
    content, height = _encoded(image, width)
    return Rendition(write(content, "webp"), width, height)


def _encoded(image: Image.Image, width: int) -> tuple[bytes, int]:
    """Return the picture of this width as WebP, and its height."""
    height = max(1, round(image.height * width / image.width))
    resized = image.resize((width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    resized.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue(), height
