"""Pictures as staff upload them."""

from io import BytesIO
from typing import Any

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encoded(
    kind: str = "PNG",
    size: tuple[int, int] = (1500, 1000),
    *,
    mode: str = "RGB",
    colour: Any = "red",
    **options: Any,
) -> bytes:
    """Return a picture of one colour as a file."""
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()
