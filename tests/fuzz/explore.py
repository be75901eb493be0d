"""Replay the corpus, then try new inputs until the wanted number was sent."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import FlakyFailure

from tests.fuzz.exchange import Answer
from tests.fuzz.faults import Fault
from tests.fuzz.inputs import Input, inputs
from tests.fuzz.surface import Target

MOST_FAULTS = 20
REPORTED_EVERY = 100
Progress = Callable[[int, int], None]


@dataclass
class Findings:
    """What a run has found. ``faults`` is kind -> smallest input and details."""

    sent: int = 0
    faults: dict[str, tuple[Input, str]] = field(default_factory=dict)
    # What was reached -> the first input that reached it.
    reached: dict[str, Input] = field(default_factory=dict)


class Shop(Protocol):
    """What takes inputs. ``send`` raises Fault."""

    targets: dict[str, Target]

    def send(self, given: Input) -> Answer: ...


class Explorer:
    """Sends inputs to a shop and collects what they find."""

    def __init__(self, shop: Shop, on_progress: Progress) -> None:
        self.shop = shop
        self.findings = Findings()
        self._on_progress = on_progress

    def replay(self, known: list[Input]) -> None:
        """Send inputs of earlier runs, as far as their pages still exist."""
        for one in known:
            if one.target in self.shop.targets:
                self._keep(one, self._fault_of(one))

    def generate(self, count: int, start: int) -> None:
        """Send new inputs until ``count`` were sent, with the seeds from ``start``."""
        findings = self.findings
        while findings.sent < count and len(findings.faults) < MOST_FAULTS:
            for one, fault in self._generate_until_fault(count - findings.sent, start):
                self._keep(one, fault)
            start += 1

    def _generate_until_fault(
        self, count: int, start: int
    ) -> list[tuple[Input, Fault]]:
        """Return the first new fault, with its smallest input, if there is one."""
        smallest: list[tuple[Input, Fault]] = []

        @seed(start)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(inputs(list(self.shop.targets.values())))
        def attempt(one: Input) -> None:
            fault = self._fault_of(one)
            if fault is not None:
                smallest[:] = [(one, fault)]
                raise fault

        # Flaky: it failed only once, for example because it used something up.
        with suppress(Fault, FlakyFailure):
            attempt()
        return smallest

    def _fault_of(self, one: Input) -> Fault | None:
        """Send an input. Return its fault if that is a new one."""
        findings = self.findings
        findings.sent += 1
        if findings.sent % REPORTED_EVERY == 0:
            self._on_progress(findings.sent, len(findings.faults))
        try:
            answer = self.shop.send(one)
        except Fault as fault:
            return None if fault.kind in findings.faults else fault
        outcome = f"{one.target} {answer.status}"
        findings.reached.setdefault(outcome, one)
        return None

    def _keep(self, one: Input, fault: Fault | None) -> None:
        if fault is not None:
            self.findings.faults[fault.kind] = (one, fault.details)


def explore(
    shop: Shop,
    known: list[Input],
    *,
    count: int,
    start: int,
    on_progress: Progress = lambda _sent, _faults: None,
) -> Findings:
    """Send the ``known`` inputs, then new ones up to ``count``. ``start``: the seed."""
    explorer = Explorer(shop, on_progress)
    explorer.replay(known)
    explorer.generate(count, start)
    return explorer.findings
