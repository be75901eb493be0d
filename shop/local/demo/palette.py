"""The colours of one picture, all derived from a hue so that they agree."""

import colorsys
from dataclasses import dataclass

FABRICS = {
    "white": "#fffefa",
    "cream": "#fbf3e6",
    "black": "#35323b",
    "navy": "#34436b",
    "grey": "#c9c8cf",
    "pink": "#f6cdd3",
    "sky": "#bcdcf2",
    "mint": "#c3e8d3",
    "red": "#d9574f",
    "yellow": "#f5d36a",
}
_DARK = {"black", "navy", "red"}


def shade(hue: float, saturation: float, lightness: float) -> str:
    """Return the colour of a hue in degrees and two shares of one, as #rrggbb."""
    rgb = colorsys.hls_to_rgb((hue % 360) / 360, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


@dataclass(frozen=True)
class Palette:
    hue: float
    fabric_name: str = "white"

    @property
    def ground_light(self) -> str:
        return shade(self.hue - 12, 0.62, 0.95)

    @property
    def ground_deep(self) -> str:
        return shade(self.hue + 14, 0.55, 0.85)

    @property
    def main(self) -> str:
        return shade(self.hue, 0.6, 0.45)

    @property
    def soft(self) -> str:
        return shade(self.hue, 0.58, 0.72)

    @property
    def deep(self) -> str:
        return shade(self.hue, 0.45, 0.26)

    @property
    def shadow(self) -> str:
        return shade(self.hue, 0.3, 0.3)

    @property
    def body(self) -> str:
        """The mascot's case."""
        return shade(self.hue - 14, 0.6, 0.55)

    @property
    def ink(self) -> str:
        return shade(self.hue - 40, 0.3, 0.18)

    @property
    def ball(self) -> str:
        """The tips of the mascot's antennas: across the colour wheel."""
        return shade(self.hue + 170, 0.65, 0.58)

    @property
    def cheek(self) -> str:
        return shade(self.hue + 170, 0.7, 0.78)

    @property
    def fabric(self) -> str:
        return FABRICS[self.fabric_name]

    @property
    def fabric_fold(self) -> str:
        """Seams and folds on the fabric: lighter on dark cloth, darker on light."""
        return "#ffffff" if self.fabric_name in _DARK else "#453f52"
