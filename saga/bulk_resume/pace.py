"""What a bulk resume does next: a canary first, a pace, an end at the first repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from saga.error_signature import error_signature
from saga.models import CLAIMABLE, Attempt, Saga, State

_TROUBLE = (Attempt.Outcome.RETRY, Attempt.Outcome.FAILED, Attempt.Outcome.LOST)


@dataclass(frozen=True)
class Pace:
    """How carefully sagas are resumed.

    ``canary`` are resumed first, and watched until they stop running or fail.
    ``per_second`` 0 means as fast as possible. ``patience`` is for how many seconds
    running sagas are watched. ``watch_rest`` says whether those behind the canary are
    watched at the end, too.
    """

    canary: int = 0
    per_second: float = 0
    patience: float = 120
    watch_rest: bool = False


@dataclass(frozen=True)
class Position:
    """How far a bulk resume has come. ``idle`` is in seconds since its last action."""

    resumed: int
    pending: int
    canary_passed: bool
    has_acted: bool
    idle: float


class Next(Enum):
    ACT = auto()
    WAIT = auto()
    DONE = auto()
    REPEATED = auto()
    UNDECIDED = auto()


@dataclass(frozen=True)
class Decision:
    """What to do next.

    ACT: on at most ``count`` sagas. REPEATED: the saga ``repeated`` failed again, so
    the rest is left. UNDECIDED: the canary took longer than the patience.
    """

    next: Next
    count: int = 0
    repeated: Saga | None = None
    canary_passed: bool = False


class Watch:
    """The sagas that were resumed: key -> the fence then, and the signature before."""

    def __init__(self, resumed: Mapping[int, tuple[int, str]] | None = None) -> None:
        self._resumed = dict(resumed or {})

    def add(self, saga: Saga, signature: str) -> None:
        self._resumed[saga.pk] = (saga.fence, signature)

    def repeated(self) -> Saga | None:
        """Return the first saga that failed again in the same way, or None."""
        rows = Attempt.objects.filter(
            saga__in=list(self._resumed), outcome__in=_TROUBLE
        )
        for row in rows.select_related("saga"):
            fence, signature = self._resumed[row.saga_id]
            again = error_signature(row.error_class, row.error)
            if row.fence > fence and again == signature:
                return row.saga
        return None

    def failed(self) -> Saga | None:
        """Return a saga that stopped, for any reason, or None."""
        return Saga.objects.filter(pk__in=self._resumed, state=State.FAILED).first()

    def still_running(self) -> bool:
        return Saga.objects.filter(pk__in=self._resumed, state__in=CLAIMABLE).exists()


def decide(pace: Pace, watch: Watch, position: Position) -> Decision:
    """Return what to do next. Reads how the resumed sagas are, writes nothing."""
    passed = position.canary_passed or not pace.canary
    # Any failure of the canary counts, of whatever kind.
    again = watch.repeated() or (None if passed else watch.failed())
    if again:
        return Decision(Next.REPEATED, repeated=again, canary_passed=passed)
    is_patient = position.idle < pace.patience
    if not passed and (position.resumed >= pace.canary or not position.pending):
        if watch.still_running():
            return Decision(Next.WAIT if is_patient else Next.UNDECIDED)
        passed = True
    if position.pending:
        return Decision(Next.ACT, _count(pace, position, passed), canary_passed=passed)
    if pace.watch_rest and is_patient and watch.still_running():
        return Decision(Next.WAIT, canary_passed=passed)
    return Decision(Next.DONE, canary_passed=passed)


def _count(pace: Pace, position: Position, passed: bool) -> int:
    """Return how many may be resumed now: the canary, then what the pace allows."""
    if not passed:
        return pace.canary - position.resumed
    if not position.has_acted:
        return 1
    return max(1, int(position.idle * pace.per_second))
