"""What a step can say instead of "done", and what the engine refuses.

A step raises the class that says who can act. Anything else that it raises is a bug
or a passing fault: it is tried again by the step's policy, then somebody is called.
"""

from datetime import timedelta


class StepError(Exception):
    """Base of what a step raises on purpose. The message is read by staff."""

    kind = "error"


class Retry(StepError):
    """Not now: the same call is expected to work later.

    ``after`` overrides the policy's delay. ``limitless`` faults (a wrong key, say)
    are not the order's: they never use up its attempts, but staff are alerted.
    ``answered``: the dependency works, only this saga must come again.
    """

    kind = "retry"

    def __init__(
        self,
        message: str,
        after: timedelta | None = None,
        *,
        limitless: bool = False,
        answered: bool = False,
    ) -> None:
        super().__init__(message)
        self.after = after
        self.limitless = limitless
        self.answered = answered


class OutcomeUnknown(Retry):
    """The call may or may not have had its effect: ask before doing it again."""

    kind = "unknown"


class ManualIntervention(StepError):
    """No retry can help: staff must look, at once."""

    kind = "person"


class Abort(StepError):
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


class ResumeForward(StepError):
    """Raised by an undo that finds the pivot already passed: continue at ``step``."""

    kind = "forward"

    def __init__(self, message: str, step: str) -> None:
        super().__init__(message)
        self.step = step


class LostClaim(Exception):
    """Somebody else has taken over this saga since: write nothing, stop."""


class UnknownDefinition(LookupError):
    """The saga names a definition or a step that this code does not have."""


class ActRefused(Exception):
    """Base of what staff are told when their act is refused. Nothing was changed.

    ``reference`` is the saga's, empty where the one who raises does not know it.
    """

    def __init__(self, message: str, reference: str = "") -> None:
        super().__init__(message)
        self.reference = reference


class NotResumable(ActRefused):
    """The saga is not stopped (any more): somebody else resumed it, or it ended."""

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(f"{reference} is {state}, not failed", reference)
        self.state = state


class InputRefused(ActRefused):
    """The step has no such input, or not of this form. ``name`` is the input's."""

    def __init__(self, reference: str, name: str, why: str) -> None:
        super().__init__(f"{reference}: {name}: {why}", reference)
        self.name = name


class Ended(ActRefused):
    """Nothing is left to be done, or to be undone."""

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(f"{reference} is {state}: it has ended", reference)
        self.state = state


class GoingBack(ActRefused):
    """The saga is being undone: its steps are not to be done any more."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} is already being undone", reference)


class Joining(ActRefused):
    """It has nothing to do by itself: it waits for what runs beside it."""

    def __init__(self, reference: str) -> None:
        message = f"{reference} waits for what runs beside it: act there"
        super().__init__(message, reference)


class NotAlone(ActRefused):
    """A branch is undone with its main path only."""

    def __init__(self, reference: str, branch: str) -> None:
        message = f"{reference}: {branch} is undone with its main path only"
        super().__init__(message, reference)


class Busy(ActRefused):
    """A worker is at it right now. ``seconds`` until it has surely let go."""

    def __init__(self, reference: str, seconds: int) -> None:
        message = f"{reference} is running right now: try again in {seconds} seconds"
        super().__init__(message, reference)
        self.seconds = seconds


class Changed(ActRefused):
    """The saga has moved on since it was looked at: look again."""

    def __init__(self, reference: str, state: str, step: str) -> None:
        message = f"{reference} has changed meanwhile: it is {state} at {step}"
        super().__init__(message, reference)
        self.state = state
        self.step = step


class Unproven(ActRefused):
    """The outside does not say that the step was done. Raised by a step's proof."""


class NotMarkable(ActRefused):
    """The step declares no proof, so nobody can mark it as done."""

    def __init__(self, reference: str, step: str) -> None:
        super().__init__(f"{reference}: {step} cannot be marked as done", reference)
        self.step = step


class NotSkippable(ActRefused):
    """The definition does not let this step be left out."""

    def __init__(self, reference: str, step: str) -> None:
        super().__init__(f"{reference}: {step} must not be skipped", reference)
        self.step = step


class PastPivot(ActRefused):
    """There is no way back: what was done counts as final."""

    def __init__(self, reference: str) -> None:
        message = f"{reference} cannot be cancelled: it is past the point of no return"
        super().__init__(message, reference)


class AnswerRefused(Exception):
    """Base of what an outside's answer is refused with. Nothing was kept."""


class UnknownToken(AnswerRefused):
    """No step ever asked with this token."""

    def __init__(self) -> None:
        super().__init__("no question is known by this token")


class ForeignToken(AnswerRefused):
    """The token belongs to another saga than the answer is about."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"this token does not belong to {reference}")


class TooLate(AnswerRefused):
    """The deadline is over, or the saga has gone on or back without the answer."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} does not wait for this answer any more")


class AnsweredOtherwise(AnswerRefused):
    """Another answer was given with this token before; that one counts."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} was answered otherwise before")
