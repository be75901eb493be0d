"""Artificial sagas, whose steps log what they do and do what a test plans."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from saga import circuit_breaker, operations
from saga import definition as definitions
from saga.definition import Definition, register
from saga.messages import Channel, Message
from saga.models import Saga
from saga.step import Context, Kind, RetryPolicy, Step

NAME = "artificial"
# 10, 20, then no more: three tries. Seconds.
POLICY = RetryPolicy(base=10, factor=2, cap=60, jitter=0, max_attempts=3)


class Killed(BaseException):
    """The worker dies here: nothing in the program may catch this."""


class Lab:
    """Makes sagas of steps whose outcomes can be planned, and logs every call."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.alerts: list[str] = []
        self.messages: list[Message] = []
        self.channels: dict[str, Channel] = {"staff": self._alert}
        self.definition: Definition | None = None
        self._plans: dict[str, list[Any]] = defaultdict(list)
        self._telling: Callable[[Saga], None] | None = None

    def plan(self, act: str, *outcomes: Any) -> None:
        """Let the next calls of ``act`` ("do pay") raise, call, or return these."""
        self._plans[act].extend(outcomes)

    def alert_with(self, tell: Callable[[Saga], None]) -> None:
        """Call ``tell`` with each saga of an alert instead of logging alerts."""
        self._telling = tell

    def external(self, name: str, **options: Any) -> Step:
        return self._step(name, Kind.EXTERNAL, options)

    def local(self, name: str, **options: Any) -> Step:
        return self._step(name, Kind.LOCAL, options)

    def start(self, *steps: Step, reference: str = "R-1") -> Saga:
        return operations.start(self.deploy(1, *steps), reference)

    def deploy(self, version: int, *steps: Step, **options: Any) -> Definition:
        """Replace the definition: from now on these are the saga's steps."""
        deployed = Definition(NAME, version, steps, lambda: self.channels, **options)
        self.definition = register(deployed)
        return deployed

    def wake(self, reference: str = "R-1") -> bool:
        assert self.definition is not None
        return operations.wake(self.definition, reference)

    def close(self) -> None:
        definitions._definitions.pop(NAME, None)
        # What one test learned of a dependency must not reach the next.
        circuit_breaker._suspects.clear()

    def _step(self, name: str, kind: Kind, options: dict[str, Any]) -> Step:
        undo = self._act(f"undo {name}") if options.pop("undo", True) else None
        given: dict[str, Any] = {"link": name, "retry": POLICY, "undo": undo}
        return Step(name, kind=kind, do=self._act(f"do {name}"), **(given | options))

    def _act(self, what: str) -> Callable[[Context], Any]:
        def act(context: Context) -> Any:
            self.log.append(what)
            planned = self._plans[what].pop(0) if self._plans[what] else None
            if isinstance(planned, BaseException):
                raise planned
            return planned(context) if callable(planned) else planned

        return act

    def _alert(self, message: Message) -> None:
        self.messages.append(message)
        for saga in message.sagas:
            self._alert_of(saga)

    def _alert_of(self, saga: Saga) -> None:
        if self._telling:
            self._telling(saga)
            return
        if self._plans["alert"]:
            raise self._plans["alert"].pop(0)
        self.alerts.append(f"{saga.reference} at {saga.step}: {saga.error}")


def outcomes(saga: Saga) -> list[tuple[str, str, str]]:
    """Return the history as step, direction, outcome."""
    return list(saga.attempts.values_list("step", "direction", "outcome"))
