"""Food and drink in their packets."""

from shop.local.demo.mascot import mascot
from shop.local.demo.palette import Palette
from shop.local.demo.svg import area, circle, ellipse, group, line, rect


def cookie_tin(palette: Palette) -> list[str]:
    def cookie(x: float, y: float) -> str:
        return group(
            f"translate({x} {y})",
            circle(0, 0, 44, "#dda865"),
            circle(0, 0, 44, "none", stroke="#c48a45", stroke_width=5),
            circle(-14, -12, 6, "#6b4326"),
            circle(16, -6, 6, "#6b4326"),
            circle(0, 17, 6, "#6b4326"),
        )

    return [
        area("M118 300H482V446Q482 506 300 506 118 506 118 446Z", palette.main),
        area(
            "M118 352Q300 420 482 352V400Q300 468 118 400Z",
            palette.fabric,
            opacity=0.85,
        ),
        ellipse(300, 300, 182, 72, palette.deep),
        cookie(206, 284),
        cookie(396, 284),
        cookie(302, 258),
        cookie(258, 318),
        cookie(348, 320),
        area("M118 300A182 72 0 0 0 482 300V318A182 72 0 0 1 118 318Z", palette.soft),
        group(
            "rotate(-14 300 150)",
            ellipse(300, 168, 178, 70, palette.deep),
            ellipse(300, 152, 178, 70, palette.main),
            ellipse(300, 150, 150, 54, palette.fabric),
            group("translate(300 158) scale(1 .72)", mascot(0, 8, 0.62, palette)),
        ),
        mascot(300, 432, 0.46, palette),
    ]


def ramen(palette: Palette) -> list[str]:
    noodles = "".join(
        line(f"M{x} 258Q{x + 22} 236 {x + 44} 258T{x + 88} 258", "#f1cf7d", 10)
        for x in range(150, 370, 34)
    )
    return [
        line("M392 96 330 262M430 108 352 266", "#a4683f", 13),
        area("M92 268H508Q504 424 396 480H204Q96 424 92 268Z", palette.main),
        area(
            "M96 306Q300 340 504 306L498 344Q300 380 102 344Z",
            palette.fabric,
            opacity=0.9,
        ),
        ellipse(300, 266, 208, 50, palette.deep),
        ellipse(300, 264, 188, 40, "#c98a4b"),
        noodles,
        ellipse(396, 262, 44, 20, "#fffaf0"),
        ellipse(400, 262, 18, 10, "#f3a83c"),
        circle(218, 262, 26, "#fff4f2"),
        line("M206 262q6-12 12 0t12 0", "#e58a9b", 5),
        area("M270 226 318 214 330 262 282 268Z", "#2f4a3c"),
        rect(206, 478, 188, 30, palette.deep, 10),
        mascot(300, 426, 0.52, palette),
    ]


def tea(palette: Palette) -> list[str]:
    leaf = "M0 0Q26-34 60-10 40 26 0 0Z"
    return [
        rect(168, 140, 250, 366, palette.main, 18),
        rect(168, 140, 250, 62, palette.deep, 18),
        rect(180, 96, 226, 56, palette.soft, 14),
        area(
            "M390 140H400Q418 140 418 158V488Q418 506 400 506H376Q392 480 390 140Z",
            palette.shadow,
            opacity=0.14,
        ),
        rect(192, 232, 202, 222, palette.fabric, 16),
        mascot(293, 356, 0.8, palette),
        group("translate(196 180) rotate(-8)", area(leaf, "#9cc66b")),
        line("M410 150Q484 170 470 286", "#d8d2c4", 5),
        rect(440, 286, 62, 72, palette.ball, 8),
        mascot(471, 328, 0.25, palette),
        group("translate(470 470) rotate(-24)", area(leaf, "#7fb054")),
        group("translate(444 498) rotate(-160)", area(leaf, "#9cc66b")),
    ]


def curry(palette: Palette) -> list[str]:
    return [
        area("M158 112H442L452 488Q452 506 434 506H166Q148 506 148 488Z", palette.main),
        line("M160 134H440", "#fff", 5, opacity=0.5, stroke_dasharray="2 11"),
        area("M158 112H442L443 154H157Z", palette.deep, opacity=0.45),
        mascot(300, 256, 0.68, palette),
        ellipse(300, 416, 132, 62, "#fff"),
        area("M186 418A116 50 0 0 1 300 366V466A116 50 0 0 1 186 418Z", "#fdf8ea"),
        area(
            "M300 366A116 50 0 0 1 300 466Q276 442 292 414 276 392 300 366Z", "#a5642c"
        ),
        circle(344, 402, 13, "#e58b3a"),
        circle(368, 432, 10, "#7fa653"),
        circle(326, 436, 11, "#e8c867"),
    ]


def crackers(palette: Palette) -> list[str]:
    def cracker(x: float, y: float, turn: float) -> str:
        return group(
            f"translate({x} {y}) rotate({turn})",
            circle(0, 0, 60, "#d99a4e"),
            circle(0, 0, 60, "none", stroke="#bb7a32", stroke_width=6),
            rect(-26, -62, 52, 124, "#2f4034", 6),
            line("M-40-20q-4 18 0 36M42-18q4 18 0 36", "#bb7a32", 4),
        )

    return [
        area(
            "M162 150 186 132 210 150 234 132 258 150 282 132 306 150 330 132 354 "
            "150 378 132 402 150 412 140V470L394 488 370 470 346 488 322 470 298 "
            "488 274 470 250 488 226 470 202 488 178 470 162 482Z",
            palette.main,
        ),
        area("M162 204H412V240H162Z", palette.fabric, opacity=0.85),
        line("M186 170V450", "#fff", 9, opacity=0.35),
        mascot(288, 350, 0.86, palette),
        cracker(420, 440, 18),
        cracker(478, 356, -20),
    ]
