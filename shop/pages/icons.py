"""The shop's icon, drawn from its name and colour, and the manifest that names it.

The letter is the first of the English name. Pillow brings a font of Latin letters
only, so a name that begins with another one gets a parcel instead.
"""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from shop.profile.colours import ink_on

# For tabs and old browsers, for iPhones, for Android's home screen and start screen.
SIZES = (48, 180, 192, 512)


def letter_of(name: str) -> str:
    """Return the letter or digit to draw; "" if the font does not have it."""
    first = name.strip()[:1].upper()
    return first if first.isascii() and first.isalnum() else ""


@lru_cache(maxsize=32)
def draw(letter: str, colour: str, size: int, kind: str = "PNG") -> bytes:
    """Return the icon as a picture of ``size`` pixels, of the kind PNG or ICO."""
    image = Image.new("RGB", (size, size), colour)
    pen, ink = ImageDraw.Draw(image), ink_on(colour)
    middle = size / 2
    if letter:
        font = ImageFont.load_default(size * 0.62)
        pen.text((middle, middle), letter, fill=ink, font=font, anchor="mm")
    else:
        _draw_parcel(pen, size, ink)
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def draw_svg(letter: str, colour: str) -> str:
    """Return the icon with round corners, for tabs of any resolution."""
    ink = ink_on(colour)
    drawn = (
        f'<text x="32" y="33" fill="{ink}" font-family="system-ui,sans-serif" '
        'font-size="40" font-weight="700" text-anchor="middle" '
        f'dominant-baseline="central">{letter}</text>'
        if letter
        else f'<path d="M16 22h32v26H16zM16 30h32M32 22v8" fill="none" '
        f'stroke="{ink}" stroke-width="4"/>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{colour}"/>{drawn}</svg>'
    )


def _draw_parcel(pen: ImageDraw.ImageDraw, size: int, ink: str) -> None:
    width = max(2, size // 16)
    left, top, right, bottom = (size * part for part in (0.25, 0.34, 0.75, 0.75))
    fold = size * 0.47
    pen.rectangle((left, top, right, bottom), outline=ink, width=width)
    pen.line((left, fold, right, fold), fill=ink, width=width)
    pen.line((size / 2, top, size / 2, fold), fill=ink, width=width)
