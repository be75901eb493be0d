"""Draw docs/dashboard-acts.md from the table: ``python -m tests.dashboard_matrix``."""

from collections.abc import Iterator

from tests.dashboard_matrix.acts import ACTS
from tests.dashboard_matrix.states import STATES, Phase
from tests.dashboard_matrix.table import OUTCOMES, cells, why_impossible

TITLE = "# Acts at the dashboard, and what becomes of the order"
_INTRODUCTION = """
What staff do on Stripe's own pages, and what banks decide there, counts here
([ADR 21](adr/0021-acts-at-the-provider.md)). This page lists what there may be of a
payment at Stripe, which act is possible then, and what becomes of the order.
`tests/dashboard_matrix/` tries every possible cell for each state of an order, for both
times of charging, learnt by webhook and only by the daily comparison. In each, the
pages tell the truth about the money, nothing is refunded, charged or sent twice, and
the buttons that are offered end the order.
"""


def render() -> str:
    """Return the whole document."""
    return "\n".join([TITLE, _INTRODUCTION.rstrip(), "", *_states(), "", *_acts(), ""])


def _states() -> Iterator[str]:
    yield "## States of an order"
    yield "| at Stripe | states of the order that were tried |"
    yield "|---|---|"
    for phase in Phase:
        titles = [
            state.title + (" (charged at shipment)" if state.capture else "")
            for state in STATES
            if state.phase is phase
        ]
        yield f"| {phase.value} | {'; '.join(titles)} |"


def _acts() -> Iterator[str]:
    tried = sum(1 for _cell in cells())
    yield "## Acts"
    yield f"{tried} cells can occur. The others are named as not possible."
    for phase in Phase:
        yield ""
        yield f"### {phase.value[0].upper()}{phase.value[1:]}"
        yield "| act at Stripe | what becomes of the order |"
        yield "|---|---|"
        for act in ACTS:
            why = why_impossible(phase, act)
            outcome = OUTCOMES.get((phase, act.name), "")
            yield f"| {act.title} | {f'*not possible: {why}*' if why else outcome} |"
