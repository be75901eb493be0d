"""The demo's goods as values, read from goods.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOODS = Path(__file__).with_name("goods.toml")
USUAL_STOCK = 40


@dataclass(frozen=True)
class Label:
    """A size or colour: the end of its SKU and its name in both languages."""

    code: str
    en: str
    ja: str


@dataclass(frozen=True)
class DemoVariant:
    sku: str
    label: Label | None
    units: int


@dataclass(frozen=True)
class DemoCategory:
    slug: str
    name_en: str
    name_ja: str


@dataclass(frozen=True)
class DemoProduct:
    """One product; ``days`` since it came out, ``price_minor`` in yen with tax."""

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
    days: int
    kind: str
    hue: float
    fabric: str
    colours: tuple[Label, ...]
    variants: tuple[DemoVariant, ...]


@dataclass(frozen=True)
class DemoGoods:
    categories: tuple[DemoCategory, ...]
    products: tuple[DemoProduct, ...]


def read_goods() -> DemoGoods:
    document = tomllib.loads(GOODS.read_text(encoding="utf-8"))
    labels = {code: Label(code, *names) for code, names in document["labels"].items()}
    return DemoGoods(
        tuple(DemoCategory(c["slug"], c["en"], c["ja"]) for c in document["category"]),
        tuple(_product(entry, labels) for entry in document["product"]),
    )


def _product(entry: dict[str, Any], labels: dict[str, Label]) -> DemoProduct:
    colours = tuple(labels[code] for code in entry.get("colours", []))
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
        days=entry["days"],
        kind=entry["kind"],
        hue=entry["hue"],
        fabric=colours[0].code if colours else entry.get("fabric", "white"),
        colours=colours,
        variants=_variants(entry, labels),
    )


def _variants(
    entry: dict[str, Any], labels: dict[str, Label]
) -> tuple[DemoVariant, ...]:
    codes = entry.get("sizes") or entry.get("colours")
    if not codes:
        units = entry.get("stock", [USUAL_STOCK])[0]
        return (DemoVariant(entry["sku"], None, units),)
    stock = entry.get("stock") or [USUAL_STOCK] * len(codes)
    return tuple(
        DemoVariant(f"{entry['sku']}-{code.upper()}", labels[code], units)
        for code, units in zip(codes, stock, strict=True)
    )
