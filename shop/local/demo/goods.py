"""The demo's goods as values, read from goods.toml and pictures/."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOODS = Path(__file__).with_name("goods.toml")
PICTURES = Path(__file__).with_name("pictures")
USUAL_STOCK = 40


class PictureMissing(Exception):
    """The file of a demo picture does not exist. ``path`` is where it belongs."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The demo's picture {path} is missing. Restore it from git.")
        self.path = path


@dataclass(frozen=True)
class Label:
    """A size or colour: the end of its SKU and its name in both languages."""

    code: str
    en: str
    ja: str


@dataclass(frozen=True)
class DemoVariant:
    """``colour`` and ``size`` are its options. ``view`` counts the picture it shows."""

    sku: str
    colour: Label | None
    size: Label | None
    units: int
    view: int | None


@dataclass(frozen=True)
class DemoPicture:
    """One file of pictures/, and what it shows in both languages."""

    file_name: str
    content: bytes
    alt_en: str
    alt_ja: str


@dataclass(frozen=True)
class DemoCategory:
    slug: str
    name_en: str
    name_ja: str


@dataclass(frozen=True)
class DemoProduct:
    """One product; ``days`` since it came out, prices in yen with tax.

    ``sale_minor`` counts for the first two weeks of the demo; None: there is no sale.
    """

    slug: str
    category: str
    name_en: str
    name_ja: str
    description_en: str
    description_ja: str
    programme_en: str
    programme_ja: str
    tax_rate: int
    price_minor: int
    sale_minor: int | None
    days: int
    variants: tuple[DemoVariant, ...]
    pictures: tuple[DemoPicture, ...]


@dataclass(frozen=True)
class DemoGoods:
    categories: tuple[DemoCategory, ...]
    products: tuple[DemoProduct, ...]


def read_goods() -> DemoGoods:
    """Return all goods, with the content of their pictures.

    Raises:
        PictureMissing: a product or one of its colours has no picture file.
    """
    document = tomllib.loads(GOODS.read_text(encoding="utf-8"))
    labels = {code: Label(code, *names) for code, names in document["labels"].items()}
    return DemoGoods(
        tuple(DemoCategory(c["slug"], c["en"], c["ja"]) for c in document["category"]),
        tuple(_product(entry, labels) for entry in document["product"]),
    )


def _product(entry: dict[str, Any], labels: dict[str, Label]) -> DemoProduct:
    return DemoProduct(
        slug=entry["slug"],
        category=entry["category"],
        name_en=entry["en"],
        name_ja=entry["ja"],
        description_en=entry["description_en"],
        description_ja=entry["description_ja"],
        programme_en=entry["programme_en"],
        programme_ja=entry["programme_ja"],
        tax_rate=entry.get("tax", 10),
        price_minor=entry["price"],
        sale_minor=entry.get("sale"),
        days=entry["days"],
        variants=_variants(entry, labels),
        pictures=_pictures(entry, labels),
    )


def _variants(
    entry: dict[str, Any], labels: dict[str, Label]
) -> tuple[DemoVariant, ...]:
    colours = entry.get("colours", [None])
    sizes = entry.get("sizes", [None])
    choices = [(colour, size) for colour in colours for size in sizes]
    stock = entry.get("stock") or [USUAL_STOCK] * len(choices)
    return tuple(
        DemoVariant(
            sku="-".join([entry["sku"], *(code.upper() for code in choice if code)]),
            colour=labels.get(choice[0]),
            size=labels.get(choice[1]),
            units=units,
            view=colours.index(choice[0]) if choice[0] else None,
        )
        for choice, units in zip(choices, stock, strict=True)
    )


def _pictures(
    entry: dict[str, Any], labels: dict[str, Label]
) -> tuple[DemoPicture, ...]:
    """Read one picture per colour, or one of the whole product, and the close-up."""
    slug, en, ja = entry["slug"], entry["en"], entry["ja"]
    colours = [labels[code] for code in entry.get("colours", [])]
    views = [
        _picture(
            f"{slug}-{colour.code}",
            f"{en}, {colour.en.lower()}",
            f"{ja}（{colour.ja}）",  # noqa: RUF001
        )
        for colour in colours
    ] or [_picture(slug, en, ja)]
    close_up = _picture(
        f"{slug}-close-up",
        f"{en}: Telebi-kun, the television with a face, from close by",
        f"{ja}：顔のあるテレビ「テレビくん」のアップ",  # noqa: RUF001
    )
    return (*views, close_up)


def _picture(stem: str, alt_en: str, alt_ja: str) -> DemoPicture:
    path = PICTURES / f"{stem}.svg"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise PictureMissing(path) from error
    return DemoPicture(path.name, content, alt_en, alt_ja)
