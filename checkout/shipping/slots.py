"""The hours between which carriers deliver, as customers can choose them.

They are those of Yamato's TA-Q-BIN, Sagawa's Hikyaku Express and Japan Post's Yu-Pack
(post.japanpost.jp/deli_days/attention); change them here when a carrier does. A slot
that only some areas have, such as Yu-Pack's from 20:00, is left out.
"""

from datetime import date

from django.utils.translation import gettext as _

from checkout.shipping.wording import write_day
from orders.models import Carrier

MORNING = "am"
# Codes: the first and the last hour.
_SLOTS: dict[str, tuple[str, ...]] = {
    Carrier.YAMATO: (MORNING, "1416", "1618", "1820", "1921"),
    Carrier.SAGAWA: (MORNING, "1214", "1416", "1618", "1820", "1821", "1921"),
    Carrier.JAPAN_POST: (MORNING, "1214", "1416", "1618", "1820", "1921"),
}


def slots_of(carrier: str) -> tuple[str, ...]:
    """Return the codes of the carrier's slots, in their order; () if it has none."""
    return _SLOTS.get(carrier, ())


def write_slot(code: str) -> str:
    """Return a slot in words, in the active language; an unknown code as it is."""
    if code == MORNING:
        return _("Morning (until 12:00)")
    if len(code) == len("1416") and code.isdecimal():
        return f"{code[:2]}:00–{code[2:]}:00"  # noqa: RUF001
    return code


def write_wish(day: date | None, slot: str) -> str:
    """Return the day and the slot that a customer chose, in words; "" without any."""
    return " ".join(filter(None, [write_day(day) if day else "", write_slot(slot)]))
