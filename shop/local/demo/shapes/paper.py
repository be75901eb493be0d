"""Stationery, discs and things to hang on a wall."""

from shop.local.demo.mascot import mascot
from shop.local.demo.palette import Palette
from shop.local.demo.svg import area, circle, group, line, rect


def _text_lines(x: float, ys: tuple[int, ...], length: float, colour: str) -> str:
    return "".join(line(f"M{x} {y}h{length}", colour, 7, opacity=0.35) for y in ys)


def notebook(palette: Palette) -> list[str]:
    rings = "".join(line(f"M150 {y}H186", "#b9b6c0", 10) for y in range(142, 480, 36))
    return [
        rect(178, 112, 276, 394, palette.shadow, 18, opacity=0.15),
        rect(170, 104, 276, 394, "#fff", 16),
        rect(164, 100, 276, 394, palette.main, 16),
        rect(164, 100, 46, 394, palette.deep, 16, opacity=0.35),
        rect(236, 136, 176, 92, palette.fabric, 10),
        _text_lines(256, (166, 194), 136, palette.ink),
        mascot(324, 376, 0.92, palette),
        rings,
    ]


def pens(palette: Palette) -> list[str]:
    def one(x: float, turn: float, barrel: str) -> str:
        return group(
            f"rotate({turn} {x} 320)",
            area(f"M{x - 20} 436H{x + 20}L{x + 5} 496H{x - 5}Z", "#e9e2d2"),
            area(f"M{x - 7} 478H{x + 7}L{x + 3} 504H{x - 3}Z", palette.ink),
            rect(x - 24, 164, 48, 274, barrel, 10),
            rect(x - 24, 404, 48, 16, "#fff", opacity=0.55),
            rect(x - 18, 124, 36, 46, palette.ink, 8),
            rect(x + 12, 150, 12, 110, palette.ink, 6, opacity=0.55),
            mascot(x, 340, 0.23, palette),
        )

    return [
        one(196, -12, palette.main),
        one(300, 0, palette.fabric),
        one(404, 12, palette.ball),
    ]


def stickers(palette: Palette) -> list[str]:
    def cut(x: float, y: float, turn: float, scale: float) -> str:
        return group(
            f"translate({x} {y}) rotate({turn}) scale({scale})",
            rect(-92, -120, 184, 204, "#fff", 44, stroke=palette.soft, stroke_width=4),
            mascot(0, 4, 1, palette),
        )

    star = "M0-44 13-15 44-12 21 9 28 40 0 24-28 40-21 9-44-12-13-15Z"
    return [
        rect(128, 92, 344, 416, palette.shadow, 22, opacity=0.13),
        rect(120, 86, 344, 416, palette.fabric, 22),
        cut(212, 212, -8, 0.76),
        cut(374, 236, 7, 0.7),
        cut(228, 398, 5, 0.72),
        group("translate(378 390) scale(1.35)", area(star, palette.ball)),
        area("M464 440V480Q464 502 442 502H402Z", palette.soft),
    ]


def calendar(palette: Palette) -> list[str]:
    days = "".join(
        rect(
            316 + column * 30,
            270 + row * 36,
            20,
            20,
            palette.ball if column == 0 else palette.soft,
            6,
        )
        for row in range(5)
        for column in range(5)
        if (row, column) not in {(0, 0), (4, 4)}
    )
    rings = "".join(line(f"M{x} 128V166", "#a9a6b0", 10) for x in range(152, 470, 42))
    return [
        area("M84 500 116 470H484L516 500Z", palette.deep),
        rect(108, 146, 384, 340, palette.fabric, 18),
        area("M108 220V164Q108 146 126 146H474Q492 146 492 164V220Z", palette.main),
        _text_lines(330, (194,), 116, "#fff"),
        mascot(208, 366, 0.86, palette),
        days,
        rings,
    ]


def folder(palette: Palette) -> list[str]:
    return [
        group(
            "rotate(7 300 320)",
            rect(172, 108, 270, 386, "#fff", 10),
            _text_lines(206, (160, 190, 220), 190, palette.ink),
        ),
        rect(150, 116, 284, 390, palette.soft, 12, opacity=0.82),
        area(
            "M150 128Q150 116 162 116H250L276 152H422Q434 152 434 164V494Q434 506 "
            "422 506H162Q150 506 150 494Z",
            palette.main,
            opacity=0.55,
        ),
        area("M176 140 250 480H190L164 300Z", "#fff", opacity=0.22),
        mascot(292, 356, 1.1, palette),
    ]


def blu_ray(palette: Palette) -> list[str]:
    return [
        circle(400, 330, 128, "#d5d7e4"),
        circle(400, 330, 128, palette.soft, opacity=0.35),
        area("M400 330 508 262A128 128 0 0 1 528 330Z", "#fff", opacity=0.6),
        circle(400, 330, 40, "#fff"),
        circle(400, 330, 18, palette.ground_deep),
        rect(112, 112, 292, 390, palette.shadow, 14, opacity=0.16),
        rect(104, 104, 292, 390, palette.deep, 14),
        rect(122, 156, 262, 322, palette.ground_light, 4),
        area("M122 388Q180 352 240 388T384 376V478H122Z", palette.main),
        area("M122 420Q190 392 250 420T384 410V478H122Z", palette.deep),
        circle(330, 218, 34, palette.ball),
        mascot(236, 356, 0.8, palette),
        line("M144 130H250", "#fff", 9, opacity=0.8),
    ]


def compact_disc(palette: Palette) -> list[str]:
    return [
        circle(392, 312, 150, palette.deep),
        circle(392, 312, 112, "none", stroke="#fff", stroke_width=3, opacity=0.3),
        circle(392, 312, 86, "none", stroke="#fff", stroke_width=3, opacity=0.3),
        circle(392, 312, 46, palette.ball),
        circle(392, 312, 12, palette.ground_light),
        rect(98, 164, 312, 320, palette.shadow, 10, opacity=0.15),
        rect(90, 156, 312, 320, palette.fabric, 10),
        rect(90, 156, 312, 320, palette.soft, 10, opacity=0.5),
        mascot(238, 352, 0.98, palette),
        line("M328 206V250M328 206 364 198V240", palette.ink, 8),
        circle(318, 252, 12, palette.ink),
        circle(354, 243, 12, palette.ink),
    ]


def poster(palette: Palette) -> list[str]:
    return [
        rect(158, 96, 300, 412, palette.shadow, 4, opacity=0.16),
        rect(150, 88, 300, 412, palette.fabric, 4),
        rect(166, 104, 268, 296, palette.soft),
        circle(300, 268, 112, palette.ground_light),
        area("M166 352Q240 318 300 352T434 346V400H166Z", palette.main),
        mascot(300, 286, 1.05, palette),
        line("M196 430H404", palette.ink, 15),
        line("M232 466H368", palette.ink, 8, opacity=0.45),
        rect(272, 76, 56, 26, palette.ball, 3, opacity=0.85),
    ]


def puzzle(palette: Palette) -> list[str]:
    seams = (
        "M226 160V212A20 20 0 1 1 226 252V304A20 20 0 1 0 226 344V396A20 20 0 1 "
        "1 226 436V480M374 160V204A20 20 0 1 0 374 244V296A20 20 0 1 1 374 "
        "336V404A20 20 0 1 0 374 444V480M120 266H152A20 20 0 1 1 192 266H280A20 "
        "20 0 1 0 320 266H410A20 20 0 1 1 450 266H480M120 374H150A20 20 0 1 0 "
        "190 374H284A20 20 0 1 1 324 374H408A20 20 0 1 0 448 374H480"
    )
    return [
        rect(126, 168, 360, 320, palette.shadow, 12, opacity=0.14),
        rect(120, 160, 360, 320, palette.soft, 12),
        circle(300, 320, 124, palette.ground_light),
        mascot(300, 344, 1.22, palette),
        line(seams, "#fff", 4, opacity=0.55),
        line(seams, palette.shadow, 2, opacity=0.3),
        group(
            "translate(458 92) rotate(18)",
            area("M0 0H32A18 18 0 1 1 68 0H96V92H0V62A18 18 0 1 0 0 30Z", palette.main),
        ),
    ]
