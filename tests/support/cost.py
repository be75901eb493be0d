"""What each test costs, in seconds of the processor: not of the clock.

A machine that does other things makes the clock's time longer, and hardly this one.
"""

import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

PROPERTY = "processor_seconds"
# A unit is done in some tens of milliseconds. What needs this many seconds is none: it
# gets the mark ``long``, or less to do.
MOST_OF_A_UNIT = 2.0


@dataclass(frozen=True, order=True)
class Cost:
    seconds: float
    test: str

    def __str__(self) -> str:
        return f"{self.seconds:6.2f} s  {self.test}"


def processor_seconds() -> float:
    """Return what this process has used, with the processes that it has waited for."""
    used = os.times()
    return time.process_time() + used.children_user + used.children_system


class Meter:
    """A plugin that writes the cost of every test into pytest's report."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Measure the test and not its fixtures: the first one makes the database."""
        before = processor_seconds()
        try:
            return (yield)
        finally:
            spent = processor_seconds() - before
            item.user_properties.append((PROPERTY, round(spent, 3)))


def read_costs(report: Path) -> list[Cost]:
    """Return what the tests of a report cost, the dearest first."""
    if not report.exists():
        return []
    root = ElementTree.parse(report).getroot()  # noqa: S314 - ours
    costs = []
    for case in root.iter("testcase"):
        for found in case.iterfind(f"properties/property[@name='{PROPERTY}']"):
            name = f"{case.get('classname')}::{case.get('name')}"
            costs.append(Cost(float(found.get("value", "0")), name))
    return sorted(costs, reverse=True)
