"""Validation of uploaded pictures, and the names under which they are stored."""

import re
import uuid
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
MAX_BYTES = 5 * 1024 * 1024
_SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
_ACTIVE_ELEMENTS = {"script", "foreignobject", "iframe", "embed", "object", "handler"}
_OUTSIDE_REFERENCE = re.compile(r"url\(\s*['\"]?(?!#)|@import", re.IGNORECASE)


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def stored_name(_picture: object, original: str) -> str:
    """Return a new, unique name: browsers may cache its address for ever.

    Django calls it with the model instance (``upload_to``).
    """
    return f"pictures/{uuid.uuid4().hex}.{extension_of(original)}"


def validate_picture(upload: "File[bytes]") -> None:
    """Refuse a file whose content is not a picture of the kind that its name says.

    Raises:
        ValidationError: wrong kind, too large, an SVG that does more than draw, or
            a stored picture whose file is gone.
    """
    extension = extension_of(upload.name or "")
    if extension not in CONTENT_TYPES:
        message = _("Choose an SVG, PNG, JPEG or WebP picture.")
        raise ValidationError(message, code="picture_kind")
    try:
        content = _read(upload)
    except FileNotFoundError as error:
        message = _("The picture's file is missing. Upload it again.")
        raise ValidationError(message, code="picture_missing") from error
    if not _matches(extension, content):
        message = _("The file's content is not the picture that its name says.")
        raise ValidationError(message, code="picture_content")


def _read(upload: "File[bytes]") -> bytes:
    """Return the content. The file is rewound, or closed if it was closed before."""
    if upload.size > MAX_BYTES:
        message = _("The picture is larger than 5 MB. Choose a smaller one.")
        raise ValidationError(message, code="picture_size")
    was_closed = upload.closed
    upload.seek(0)
    content: bytes = upload.read()
    if was_closed:
        upload.close()
    else:
        upload.seek(0)
    return content


def _matches(extension: str, content: bytes) -> bool:
    if extension == "png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if extension in {"jpg", "jpeg"}:
        return content.startswith(b"\xff\xd8\xff")
    if extension == "webp":
        return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return _is_plain_svg(content)


def _is_plain_svg(content: bytes) -> bool:
    """Return whether this is an SVG that only draws."""
    # Refuse declarations before parsing: entities could grow without bound. Require
    # UTF-8 first, since another encoding would hide them from this search.
    try:
        text = content.decode("utf-8")
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            return False
        root = ET.fromstring(text)  # noqa: S314 - declarations were refused above
    except (UnicodeDecodeError, ET.ParseError, ValueError):
        return False
    return root.tag == _SVG_ROOT and all(
        _only_draws(element) for element in root.iter()
    )


def _only_draws(element: ET.Element) -> bool:
    if element.tag.rpartition("}")[2].lower() in _ACTIVE_ELEMENTS:
        return False
    if _OUTSIDE_REFERENCE.search(element.text or ""):
        return False
    for name, value in element.attrib.items():
        local = name.rpartition("}")[2].lower()
        if local.startswith("on") or _OUTSIDE_REFERENCE.search(value):
            return False
        if local in {"href", "src"} and not value.startswith("#"):
            return False
    return True
