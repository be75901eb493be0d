"""Which colours can be read on which, by the Web Content Accessibility Guidelines."""

LIGHT, DARK = "#ffffff", "#1c1a22"
# Of small text, from https://www.w3.org/TR/WCAG22/#contrast-minimum.
_LEAST = 4.5
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_STRAIGHT_TO = 0.04045


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as #4338ca: from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Return the colour of text that is read best on ``colour``."""
    return max(LIGHT, DARK, key=lambda ink: contrast(ink, colour))


def readable(colour: str) -> str:
    """Return ``colour`` if text in it can be read on white, otherwise a dark one."""
    return colour if contrast(colour, LIGHT) >= _LEAST else DARK


def _luminance(colour: str) -> float:
    """Return https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return sum(weight * part for weight, part in zip(_WEIGHTS, parts, strict=True))


def _linear(part: float) -> float:
    if part <= _STRAIGHT_TO:
        return part / 12.92
    return float(((part + 0.055) / 1.055) ** 2.4)
