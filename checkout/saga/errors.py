"""What a step can say instead of "done", and what the engine refuses.

A step raises the class that says who can act. Anything else that it raises is a bug
or a passing fault: it is tried again by the step's policy, then somebody is called.
"""

from datetime import timedelta


class StepError(Exception):
    """Base of what a step raises on purpose. The message is read by staff."""

    kind = "error"


class TryAgain(StepError):
    """Not now: the same call is expected to work later.

    ``after`` overrides the policy's delay. ``limitless`` faults (a wrong key, say)
    are not the order's: they never use up its attempts, but staff are alerted.
    """

    kind = "retry"

    def __init__(
        self, message: str, after: timedelta | None = None, *, limitless: bool = False
    ) -> None:
        super().__init__(message)
        self.after = after
        self.limitless = limitless


class OutcomeUnknown(TryAgain):
    """The call may or may not have had its effect: ask before doing it again."""

    kind = "unknown"


class NeedsPerson(StepError):
    """No retry can help: staff must look, at once."""

    kind = "person"


class GiveUp(StepError):
    """The business says no: undo what was done, if nothing was charged yet.

    ``reason`` is a code that the undo steps can read. ``nothing_taken`` is the
    outside's definite word that the pivot's call had no effect: only that clears
    a pivot.
    """

    kind = "refused"

    def __init__(
        self, message: str, reason: str, *, nothing_taken: bool = False
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.nothing_taken = nothing_taken


class GoForward(StepError):
    """Raised by an undo that finds the pivot already passed: continue at ``step``."""

    kind = "forward"

    def __init__(self, message: str, step: str) -> None:
        super().__init__(message)
        self.step = step


class LostClaim(Exception):
    """Somebody else has taken over this saga since: write nothing, stop."""


class UnknownDefinition(LookupError):
    """The saga names a definition or a step that this code does not have."""


class NotResumable(Exception):
    """The saga is not stopped (any more): somebody else resumed it, or it ended."""

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(f"{reference} is {state}, not failed")
        self.reference = reference
        self.state = state
