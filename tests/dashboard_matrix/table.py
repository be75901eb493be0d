"""Which acts are possible in which state, and why others are not."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.dashboard_matrix.acts import (
    ACTS,
    CANCEL,
    CAPTURE,
    CAPTURE_AGAIN,
    CAPTURE_PART,
    CAPTURE_REFUND,
    DISPUTE,
    DISPUTE_LOST,
    DISPUTE_WON,
    REFUND,
    REFUND_FAILS,
    REFUND_PART,
    REFUND_TWICE,
    Act,
)
from tests.dashboard_matrix.states import STATES, Phase, State

WAYS = ("webhook", "daily")
_CAPTURES = (CAPTURE, CAPTURE_PART, CAPTURE_REFUND)
_REFUNDS = (REFUND, REFUND_PART, REFUND_TWICE, REFUND_FAILS)
_DISPUTES = (DISPUTE, DISPUTE_WON, DISPUTE_LOST)
_UNCHARGED = (Phase.UNCONFIRMED, Phase.ASKING, Phase.APPROVED, Phase.VOIDED)
_TAKEN = (
    Phase.CHARGED,
    Phase.CASH,
    Phase.PARTLY_REFUNDED,
    Phase.REFUNDED,
    Phase.DISPUTED,
)


@dataclass(frozen=True)
class Cell:
    state: State
    act: Act
    capture: str
    way: str

    @property
    def name(self) -> str:
        return f"{self.state.name}-{self.act.name}-{self.capture}-{self.way}"


def why_impossible(phase: Phase, act: Act) -> str:
    """Return why the provider does not allow the act in that phase, else ""."""
    return _reasons().get((phase, act.name), "")


@cache
def _reasons() -> dict[tuple[Phase, str], str]:
    """Return the one list of what cannot happen."""
    found = dict(_of_phase(Phase.NOTHING, ACTS, "no payment exists at the provider"))
    phase: Phase
    for phase in set(Phase) - {Phase.NOTHING}:
        why = "a payment is charged once; several charges must be asked for beforehand"
        found |= _of_phase(phase, [CAPTURE_AGAIN], why)
        if phase is not Phase.APPROVED:
            found |= _of_phase(phase, _CAPTURES, "nothing is approved and uncharged")
    for phase in _TAKEN:
        found |= _of_phase(phase, [CANCEL], "a charge is refunded, not cancelled")
    found |= _of_phase(Phase.VOIDED, [CANCEL], "it is cancelled")
    for phase in _UNCHARGED:
        found |= _of_phase(phase, [*_REFUNDS, *_DISPUTES], "nothing was charged")
    gone = [REFUND, REFUND_PART, REFUND_TWICE]
    found |= _of_phase(Phase.REFUNDED, gone, "nothing is left of the charge")
    why = "a charge that was charged back is not refunded"
    found |= _of_phase(Phase.DISPUTED, _REFUNDS, why)
    found |= _of_phase(Phase.DISPUTED, [DISPUTE], "it is disputed")
    return found | _of_phase(Phase.CASH, _DISPUTES, "cash is not disputed")


def _of_phase(
    phase: Phase, acts: "list[Act] | tuple[Act, ...]", why: str
) -> dict[tuple[Phase, str], str]:
    return {(phase, act.name): why for act in acts}


_GOES_ON = "recorded with its amount; the order goes on"
_STOPS = "recorded with its amount; the order stops, and a person sends or refunds it"
_LEFT = "counted; the shop refunds no more than is left, and the goods may go"
_NOTHING_LEFT = (
    "counted; nothing is left, so the goods stay: the parcel is called off, a stopped "
    "order is cancelled when it is resumed"
)
_BACK = "what came back can be refunded again, and the goods may go"
_VOID = "recorded as cancelled; the order is cancelled, its goods are free"
# What becomes of the order, by what there is of its payment at the provider.
OUTCOMES: dict[tuple[Phase, str], str] = {
    (Phase.UNCONFIRMED, CANCEL.name): _VOID,
    (Phase.ASKING, CANCEL.name): _VOID,
    (Phase.APPROVED, CANCEL.name): _VOID,
    (Phase.APPROVED, CAPTURE.name): _GOES_ON,
    (Phase.APPROVED, CAPTURE_PART.name): _STOPS,
    (Phase.APPROVED, CAPTURE_REFUND.name): _NOTHING_LEFT,
    (Phase.CHARGED, REFUND.name): _NOTHING_LEFT,
    (Phase.CHARGED, REFUND_PART.name): _LEFT,
    (Phase.CHARGED, REFUND_TWICE.name): _LEFT,
    (Phase.CHARGED, REFUND_FAILS.name): _BACK,
    (Phase.CHARGED, DISPUTE.name): _NOTHING_LEFT,
    (Phase.CHARGED, DISPUTE_WON.name): _BACK,
    (Phase.CHARGED, DISPUTE_LOST.name): _NOTHING_LEFT,
    (Phase.CASH, REFUND.name): _NOTHING_LEFT,
    (Phase.CASH, REFUND_PART.name): _LEFT,
    (Phase.CASH, REFUND_TWICE.name): _LEFT,
    (Phase.CASH, REFUND_FAILS.name): _BACK,
    (Phase.PARTLY_REFUNDED, REFUND.name): _NOTHING_LEFT,
    (Phase.PARTLY_REFUNDED, REFUND_PART.name): _LEFT,
    (Phase.PARTLY_REFUNDED, REFUND_TWICE.name): _LEFT,
    (Phase.PARTLY_REFUNDED, REFUND_FAILS.name): _BACK,
    (Phase.PARTLY_REFUNDED, DISPUTE.name): _NOTHING_LEFT,
    (Phase.PARTLY_REFUNDED, DISPUTE_WON.name): _BACK,
    (Phase.PARTLY_REFUNDED, DISPUTE_LOST.name): _NOTHING_LEFT,
    (Phase.REFUNDED, REFUND_FAILS.name): _BACK,
    (Phase.REFUNDED, DISPUTE.name): _NOTHING_LEFT,
    (Phase.REFUNDED, DISPUTE_WON.name): "nothing is left still: it was refunded",
    (Phase.REFUNDED, DISPUTE_LOST.name): _NOTHING_LEFT,
    (Phase.DISPUTED, DISPUTE_WON.name): _BACK,
    (Phase.DISPUTED, DISPUTE_LOST.name): _NOTHING_LEFT,
}


def cells(*, possible: bool = True) -> Iterator[Cell]:
    """Yield every cell that can occur, or every one that cannot."""
    for state in STATES:
        for act in ACTS:
            if bool(why_impossible(state.phase, act)) == possible:
                continue
            for capture in state.captures:
                for way in WAYS:
                    yield Cell(state, act, capture, way)
