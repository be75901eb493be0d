"""Planned incidents of the provider in memory, and the answers kept under its keys."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from checkout.payments.gateway import Refused

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class _Incident:
    act: Callable[[], object]
    after: bool
    kept: bool


class Scripted:
    """Counts calls, and makes planned ones fail or run something else meanwhile.

    A call under a known key returns the first answer, as with Stripe.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._plan: dict[str, list[_Incident]] = defaultdict(list)
        self._answers: dict[str, tuple[object, Any]] = {}
        self._lock = threading.RLock()

    def fail(
        self,
        call: str,
        error: BaseException,
        *,
        after: bool = False,
        kept: bool = False,
    ) -> None:
        """Let the next ``call`` raise, before or ``after`` its effect.

        ``kept``: the error is stored under the key and raised again with it, as Stripe
        does with its own 500.
        """

        def act() -> None:
            raise error

        self._plan[call].append(_Incident(act, after, kept))

    def meanwhile(
        self, call: str, act: Callable[[], object], *, after: bool = True
    ) -> None:
        """Run ``act`` while the next ``call`` is under way."""
        self._plan[call].append(_Incident(act, after, kept=False))

    def count(self, call: str) -> int:
        return sum(name == call for name, _key in self.calls)

    def _play(
        self,
        call: str,
        key: str,
        effect: Callable[[], _Answer],
        keep: Callable[[BaseException], None] = lambda _error: None,
    ) -> _Answer:
        """Run ``effect`` as ``call``, with the incident planned for it, if any."""
        self.calls.append((call, key))
        incident = self._plan[call].pop(0) if self._plan[call] else None
        if incident is None:
            return effect()
        answer = effect() if incident.after else None
        try:
            incident.act()
        except BaseException as error:
            if incident.kept:
                keep(error)
            raise
        return answer or effect()

    def _once(
        self, call: str, key: str, parameters: object, effect: Callable[[], _Answer]
    ) -> _Answer:
        asked = (call, parameters)

        def run() -> _Answer:
            with self._lock:
                if key not in self._answers:
                    self._answers[key] = (asked, effect())
                before, answer = self._answers[key]
            if before != asked:
                message = f"{key} was used with other parameters"
                raise Refused(message)
            if isinstance(answer, BaseException):
                raise answer
            kept: _Answer = answer
            return kept

        def keep(error: BaseException) -> None:
            self._answers[key] = (asked, error)

        return self._play(call, key, run, keep)
