"""Clothes, each drawn around the middle of a 600 x 600 picture."""

from shop.local.demo.mascot import mascot
from shop.local.demo.palette import Palette
from shop.local.demo.svg import area, circle, ellipse, line, rect


def _seam(d: str, palette: Palette, width: float = 4) -> str:
    return line(d, palette.fabric_fold, width, opacity=0.22)


def t_shirt(palette: Palette) -> list[str]:
    outline = (
        "M224 126 124 178Q116 184 119 194L146 266Q150 274 159 270L196 254 "
        "192 486Q192 502 210 504 300 514 390 504 408 502 408 486L404 254 441 270"
        "Q450 274 454 266L481 194Q484 184 476 178L376 126Q300 196 224 126Z"
    )
    return [
        area(outline, palette.fabric),
        line("M229 126Q300 208 371 126", palette.main, 17, stroke_linecap="butt"),
        _seam("M196 254 190 226M404 254 410 226", palette),
        _seam("M130 220 160 262M470 220 440 262M204 488Q300 500 396 488", palette, 3),
        mascot(300, 346, 0.82, palette),
    ]


def hoodie(palette: Palette) -> list[str]:
    body = (
        "M216 170 138 216Q112 236 108 276L96 446Q96 462 112 464L148 466Q162 466 164 "
        "452L182 320 184 492Q186 508 204 508L396 508Q414 508 416 492L418 320 436 452"
        "Q438 466 452 466L488 464Q504 462 504 446L492 276Q488 236 462 216L384 170Z"
    )
    return [
        area(
            "M212 186Q196 96 300 88 404 96 388 186 356 236 300 236 244 236 212 186Z",
            palette.fabric,
        ),
        area("M238 178Q232 126 300 122 368 126 362 178 300 214 238 178Z", palette.deep),
        area(body, palette.fabric),
        area("M212 174Q300 262 388 174 300 216 212 174Z", palette.main),
        line("M274 214 270 284M326 214 330 284", palette.soft, 6),
        circle(270, 288, 6, palette.soft),
        circle(330, 288, 6, palette.soft),
        _seam("M182 330 180 280M418 330 420 280M184 484H416", palette),
        _seam("M226 500 246 420H354L374 500", palette, 5),
        _seam("M98 436 162 442M502 436 438 442", palette),
        mascot(300, 356, 0.56, palette),
    ]


def cap(palette: Palette) -> list[str]:
    return [
        area(
            "M128 386Q122 188 300 178 478 188 472 386 300 340 128 386Z", palette.fabric
        ),
        _seam("M300 180V352M300 180Q206 232 198 368M300 180Q394 232 402 368", palette),
        circle(300, 178, 14, palette.main),
        area(
            "M112 400Q300 318 488 400 536 430 520 448 504 462 470 446 300 388 130 446 "
            "96 462 80 448 64 430 112 400Z",
            palette.main,
        ),
        line(
            "M104 428Q300 346 496 428", "#fff", 4, opacity=0.5, stroke_dasharray="2 12"
        ),
        mascot(300, 294, 0.58, palette),
    ]


def _sock(x: float, palette: Palette) -> list[str]:
    leg = (
        f"M{x} 130H{x + 106}V330Q{x + 106} 352 {x + 124} 370L{x + 176} 424"
        f"Q{x + 200} 456 {x + 168} 484 {x + 140} 506 {x + 110} 486L{x + 20} 410"
        f"Q{x} 392 {x} 362Z"
    )
    toe = (
        f"M{x + 176} 424Q{x + 200} 456 {x + 168} 484 {x + 140} 506 {x + 110} 486 "
        f"{x + 122} 438 {x + 176} 424Z"
    )
    return [
        area(leg, palette.fabric),
        area(toe, palette.main),
        area(
            f"M{x} 356Q{x + 46} 356 {x + 40} 426L{x + 20} 410Q{x} 392 {x} 362Z",
            palette.main,
        ),
        rect(x - 6, 118, 118, 44, palette.main, 12),
        line(
            f"M{x + 14} 130V152M{x + 37} 130V152M{x + 60} 130V152M{x + 83} 130V152",
            "#fff",
            4,
            opacity=0.45,
        ),
        rect(x, 184, 106, 12, palette.soft),
        rect(x, 208, 106, 12, palette.soft),
        mascot(x + 54, 298, 0.5, palette),
    ]


def socks(palette: Palette) -> list[str]:
    return [*_sock(118, palette), *_sock(300, palette)]


def apron(palette: Palette) -> list[str]:
    return [
        line("M226 178Q222 84 300 84 378 84 374 178", palette.main, 13),
        line("M176 304Q128 310 104 350M424 304Q472 310 496 350", palette.main, 13),
        area(
            "M220 170H380Q384 260 436 300L450 482Q450 508 424 508H176Q150 508 150 482"
            "L164 300Q216 260 220 170Z",
            palette.fabric,
        ),
        rect(216, 164, 168, 24, palette.main, 6),
        area("M206 384H394V438Q394 470 362 470H238Q206 470 206 438Z", palette.soft),
        line("M206 398H394", "#fff", 4, opacity=0.6, stroke_dasharray="2 12"),
        line("M300 398V468", "#fff", 4, opacity=0.5),
        mascot(300, 296, 0.7, palette),
    ]


def towel(palette: Palette) -> list[str]:
    stripe = "".join(rect(140, y, 320, 13, palette.main) for y in (420, 446))
    fringe = "".join(
        line(f"M{x} 486V506", palette.fabric, 6) for x in range(146, 460, 14)
    )
    return [
        rect(96, 116, 408, 18, palette.deep, 9),
        ellipse(96, 125, 14, 14, palette.deep),
        ellipse(504, 125, 14, 14, palette.deep),
        fringe,
        rect(140, 122, 320, 366, palette.fabric, 6),
        rect(140, 122, 320, 26, palette.soft),
        stripe,
        _seam("M220 150V410M380 150V410", palette, 3),
        mascot(300, 304, 1.05, palette),
    ]
