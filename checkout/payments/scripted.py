"""What goes wrong with the provider in memory, and when."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from checkout.payments.gateway import Intent


@dataclass(frozen=True)
class _Incident:
    act: Callable[[], object]
    after: bool
    kept: bool


class Scripted:
    """Counts calls, and lets planned ones fail or something happen meanwhile."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._plan: dict[str, list[_Incident]] = defaultdict(list)

    def fail(
        self,
        call: str,
        error: BaseException,
        *,
        after: bool = False,
        kept: bool = False,
    ) -> None:
        """Let the next ``call`` raise, before or ``after`` its effect.

        ``kept``: the provider itself says so and repeats it under the same key, as
        Stripe does with its own 500.
        """

        def act() -> None:
            raise error

        self._plan[call].append(_Incident(act, after, kept))

    def meanwhile(
        self, call: str, act: Callable[[], object], *, after: bool = True
    ) -> None:
        """Let something else happen while the next ``call`` is under way."""
        self._plan[call].append(_Incident(act, after, kept=False))

    def count(self, call: str) -> int:
        return sum(name == call for name, _key in self.calls)

    def _play(
        self,
        call: str,
        key: str,
        effect: Callable[[], Intent],
        keep: Callable[[BaseException], None] = lambda _error: None,
    ) -> Intent:
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
