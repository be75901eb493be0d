"""Draw docs/what-pages-say.md from the table: ``python -m tests.truth_matrix``."""

from collections.abc import Iterator

from tests.truth_matrix.returns import STATES as RETURNS
from tests.truth_matrix.table import STOCK, Money, Parcel, said, why_impossible

TITLE = "# What pages and mails say, and when"
_INTRODUCTION = """
What a customer or staff read follows from where the shipment, the money and the stock
of an order are, and from nothing else. `tests/truth_matrix/` reaches every cell that
can occur, and compares the customer's page, the order's page for staff and the mails
with this table. No cell says that goods are being packed when nothing will be sent, or
that money is kept when it went back.

*Packed* says whether a page may say that the goods are being packed; *confirmed*,
whether the confirmation mail would still be sent.
"""
_HEAD = (
    "| money | customer's page | money on it | packed | cancel | staff may "
    "| confirmed |"
)


def render() -> str:
    """Return the whole document."""
    parts = [TITLE, _INTRODUCTION.rstrip(), *_tables(), *_returns(), ""]
    return "\n".join(parts)


def _tables() -> Iterator[str]:
    for parcel in Parcel:
        yield ""
        yield f"## The shipment is {parcel.value}"
        yield f"The stock: {STOCK[parcel]}."
        yield ""
        yield _HEAD
        yield "|---|---|---|---|---|---|---|"
        for money in Money:
            if not why_impossible(parcel, money):
                yield _row(parcel, money)
        yield from _impossible(parcel)


def _returns() -> Iterator[str]:
    yield ""
    yield "## A return"
    yield "Of an order that was shipped. The words above stay beside it."
    yield ""
    yield "| the return is | heads it | says | last mail | withdraw | staff may |"
    yield "|---|---|---|---|---|---|"
    for state, cell in RETURNS.items():
        columns = [
            state,
            cell.title,
            "; ".join(text for text in (cell.also, cell.sentence) if text),
            cell.mail,
            "yes" if cell.may_withdraw else "no",
            ", ".join(cell.staff),
        ]
        yield f"| {' | '.join(columns)} |"


def _row(parcel: Parcel, money: Money) -> str:
    cell = said(parcel, money)
    ways = {"": "", "ask": "asks staff", "at_once": "at once"}
    columns = [
        money.value,
        cell.title,
        cell.money.replace("our money", "Your money"),
        "yes" if cell.is_packed else "no",
        ways[cell.cancels],
        ", ".join(cell.buttons),
        "yes" if cell.confirms else "no",
    ]
    return f"| {' | '.join(columns)} |"


def _impossible(parcel: Parcel) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for money in Money:
        why = why_impossible(parcel, money)
        if why:
            reasons.setdefault(why, []).append(money.value)
    for why, values in reasons.items():
        yield ""
        yield f"*Not possible ({why}): {'; '.join(values)}.*"
