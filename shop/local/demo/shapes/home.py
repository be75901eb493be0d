"""Things for the kitchen, bags, and things to hug or to hang on."""

from shop.local.demo.mascot import face, mascot
from shop.local.demo.palette import Palette
from shop.local.demo.svg import area, circle, ellipse, group, line, rect


def mug(palette: Palette) -> list[str]:
    return [
        line("M424 252Q508 238 508 330 508 424 414 414", palette.main, 36),
        area(
            "M142 190H430L420 466Q418 500 384 500H188Q154 500 152 466Z", palette.fabric
        ),
        area(
            "M394 190H430L420 466Q418 500 384 500H360Q386 470 394 190Z",
            palette.shadow,
            opacity=0.07,
        ),
        ellipse(286, 188, 145, 29, palette.main),
        ellipse(286, 190, 125, 20, palette.deep),
        line(
            "M236 140Q222 118 238 98M286 134Q272 110 288 88M336 140Q322 118 338 98",
            "#fff",
            10,
            opacity=0.65,
        ),
        mascot(286, 364, 0.86, palette),
    ]


def bottle(palette: Palette) -> list[str]:
    return [
        rect(246, 84, 108, 70, palette.deep, 20),
        line("M268 100V138M300 100V138M332 100V138", "#fff", 4, opacity=0.25),
        rect(232, 146, 136, 24, palette.soft, 8),
        area(
            "M240 170H360Q396 188 396 236V470Q396 508 358 508H242Q204 508 204 470V236"
            "Q204 188 240 170Z",
            palette.fabric,
        ),
        area(
            "M360 170Q396 188 396 236V470Q396 508 358 508H336Q362 490 362 450V236"
            "Q362 196 344 170Z",
            palette.shadow,
            opacity=0.1,
        ),
        rect(204, 432, 192, 22, palette.main),
        line("M228 244V392", "#fff", 10, opacity=0.55),
        mascot(300, 340, 0.76, palette),
    ]


def plate(palette: Palette) -> list[str]:
    dots = "".join(
        group(f"rotate({angle} 300 330)", circle(300, 176, 7, palette.main))
        for angle in range(0, 360, 20)
    )
    return [
        circle(300, 330, 184, palette.shadow, opacity=0.12),
        circle(300, 322, 184, palette.fabric),
        group("translate(0 -8)", dots),
        circle(300, 322, 128, palette.soft, opacity=0.35),
        circle(300, 322, 118, palette.fabric),
        mascot(300, 338, 0.94, palette),
    ]


def plush(palette: Palette) -> list[str]:
    """Telebi-kun in person, with feet, arms and a seam."""
    return [
        ellipse(236, 490, 54, 30, palette.deep),
        ellipse(364, 490, 54, 30, palette.deep),
        ellipse(236, 484, 54, 28, palette.main),
        ellipse(364, 484, 54, 28, palette.main),
        area("M122 330Q66 330 76 388 92 412 134 392Z", palette.main),
        area("M478 330Q534 330 524 388 508 412 466 392Z", palette.main),
        line("M250 190 200 108M350 190 400 108", palette.ink, 15),
        circle(198, 100, 23, palette.ball),
        circle(402, 100, 23, palette.ball),
        circle(191, 93, 7, "#fff", opacity=0.6),
        circle(395, 93, 7, "#fff", opacity=0.6),
        rect(118, 182, 364, 292, palette.body, 74),
        rect(
            131,
            195,
            338,
            266,
            "none",
            62,
            stroke="#fff",
            stroke_width=4,
            stroke_dasharray="4 14",
            stroke_linecap="round",
            opacity=0.4,
        ),
        rect(160, 222, 280, 206, "#fffefa", 52),
        group("translate(300 328) scale(2.15)", *face(palette)),
    ]


def small_plush(palette: Palette) -> list[str]:
    """Telebi-kun small enough to hang on a bag."""
    return [
        line("M300 148C236 60 364 60 300 148", palette.deep, 11),
        circle(300, 158, 17, "none", stroke="#b9b6c0", stroke_width=9),
        group("translate(126 160) scale(.58)", *plush(palette)),
        area("M246 432Q300 452 354 432L344 462Q300 474 256 462Z", palette.ball),
        area("M300 448 336 490 316 500 300 472 284 500 264 490Z", palette.ball),
    ]


def key_ring(palette: Palette) -> list[str]:
    return [
        circle(300, 106, 42, "none", stroke="#b9b6c0", stroke_width=12),
        line("M300 148V196", "#b9b6c0", 10),
        area(
            "M300 178Q330 178 330 206 424 206 436 300L440 420Q440 496 364 496H236"
            "Q160 496 160 420L164 300Q176 206 270 206 270 178 300 178Z",
            "#fff",
            opacity=0.82,
            stroke=palette.soft,
            stroke_width=5,
        ),
        circle(300, 204, 9, palette.ground_deep),
        mascot(300, 388, 1.18, palette),
        line("M188 420V318Q192 262 232 240", "#fff", 9),
    ]


def badges(palette: Palette) -> list[str]:
    def one(x: float, y: float, r: float, rim: str, ground: str) -> str:
        return group(
            f"translate({x} {y}) scale({r / 100})",
            circle(4, 8, 104, palette.shadow, opacity=0.16),
            circle(0, 0, 104, rim),
            circle(0, 0, 90, ground),
            mascot(0, 20, 0.8, palette),
            line("M-70-44Q-44-78-4-84", "#fff", 10, opacity=0.75),
        )

    return [
        one(196, 214, 96, palette.main, palette.fabric),
        one(408, 266, 106, palette.ball, "#fffefa"),
        one(254, 418, 92, palette.deep, palette.soft),
    ]


def tote(palette: Palette) -> list[str]:
    return [
        line("M218 236V182Q218 92 300 92 382 92 382 182V236", palette.main, 22),
        area(
            "M152 214H448L472 484Q472 506 450 506H150Q128 506 128 484Z", palette.fabric
        ),
        area("M152 214H448L451 248H149Z", palette.shadow, opacity=0.14),
        line(
            "M146 264H454",
            palette.fabric_fold,
            3,
            opacity=0.25,
            stroke_dasharray="2 10",
        ),
        mascot(300, 392, 0.98, palette),
    ]


def rucksack(palette: Palette) -> list[str]:
    return [
        line("M252 130Q252 76 300 76 348 76 348 130", palette.deep, 18),
        rect(122, 300, 46, 150, palette.deep, 20),
        rect(432, 300, 46, 150, palette.deep, 20),
        rect(148, 112, 304, 396, palette.main, 96),
        area("M148 254V208Q148 112 244 112H356Q452 112 452 208V254Z", palette.soft),
        line("M148 256H452", palette.deep, 9),
        rect(284, 244, 32, 54, "#efe9dc", 8),
        rect(186, 314, 228, 166, palette.fabric, 34),
        line("M204 346H396", palette.fabric_fold, 5, opacity=0.3),
        circle(384, 346, 8, palette.ball),
        mascot(300, 422, 0.58, palette),
    ]


def pouch(palette: Palette) -> list[str]:
    return [
        area(
            "M110 232Q110 206 138 206H462Q490 206 490 232L502 440Q502 488 452 488H148"
            "Q98 488 98 440Z",
            palette.fabric,
        ),
        rect(104, 206, 392, 46, palette.main, 20),
        line("M132 229H468", "#fff", 5, opacity=0.7, stroke_dasharray="3 10"),
        rect(438, 216, 44, 26, "#d8d5cd", 8),
        line("M474 234Q520 254 506 300", palette.ball, 11),
        circle(505, 306, 14, palette.ball),
        mascot(300, 388, 0.94, palette),
    ]


def umbrella(palette: Palette) -> list[str]:
    panels = (
        "M70 330Q84 138 300 122 516 138 530 330 502 296 454 296 402 296 376 334 346 "
        "300 300 300 254 300 224 334 198 296 146 296 98 296 70 330Z"
    )
    return [
        line("M300 92V124", palette.deep, 12),
        line("M300 300V458Q300 506 344 506 384 506 384 462", palette.deep, 16),
        area(panels, palette.fabric),
        area(
            "M300 122Q224 170 224 334 198 296 146 296 98 296 70 330 84 138 300 122Z",
            palette.main,
        ),
        area(
            "M300 122Q376 170 376 334 402 296 454 296 502 296 530 330 516 138 300 122Z",
            palette.main,
        ),
        line(
            "M300 122Q224 170 224 334M300 122Q376 170 376 334",
            palette.deep,
            4,
            opacity=0.35,
        ),
        mascot(300, 246, 0.5, palette),
        line(
            "M118 402 106 426M178 430 166 454M438 402 426 426M492 436 480 460",
            palette.ball,
            9,
        ),
    ]
