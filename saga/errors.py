"""Errors that a step raises, and refusals of the engine.

The class of a step's error says who can act. Any other exception of a step is a bug or
a passing fault: it is tried again by the step's policy, then staff are alerted.
"""

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class StepError(Exception):
    """Base of what a step raises on purpose. The message is read by staff."""

    kind = "error"


class Retry(StepError):
    """The same call is expected to work later.

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
    """The business refuses: undo what was done, if nothing was charged yet.

    ``reason`` is a code that the undo steps can read. ``nothing_taken`` is the
    definite answer of the outside that the pivot's call had no effect: only that
    clears a pivot.
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
    """Another worker has taken over the saga: write nothing, stop."""


class UnknownDefinition(LookupError):
    """The saga names a definition or a step that this code does not have."""


class ActionRefused(Exception):
    """Base of the refusals of staff's actions. Nothing was changed.

    ``reference`` is the saga's, or empty if it is not known where this is raised.
    ``sentence`` says why, for staff, without names. The message is for logs and
    commands.
    """

    sentence: str | Promise = _("That is not possible now.")

    def __init__(self, message: str, reference: str = "") -> None:
        super().__init__(message)
        self.reference = reference


class NotResumable(ActionRefused):
    """The saga is not stopped any more: it was resumed, or it ended."""

    sentence = _("It does not stand still any more, so nothing is resumed.")

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(f"{reference} is {state}, not failed", reference)
        self.state = state


class InputRefused(ActionRefused):
    """The step has no such input, or its form is wrong. ``name`` is the input's."""

    sentence = _("What was typed in cannot be used here.")

    def __init__(self, reference: str, name: str, why: str) -> None:
        super().__init__(f"{reference}: {name}: {why}", reference)
        self.name = name


class Ended(ActionRefused):
    """Nothing is left to be done, or to be undone."""

    sentence = _("It has ended: nothing is left to be done or undone.")

    def __init__(self, reference: str, state: str) -> None:
        super().__init__(f"{reference} is {state}: it has ended", reference)
        self.state = state


class GoingBack(ActionRefused):
    """The saga is being undone: its steps are not to be done any more."""

    sentence = _("It is already being undone.")

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} is already being undone", reference)


class Joining(ActionRefused):
    """The saga has no step to do: it waits for its branches or its child."""

    sentence = _("It is waiting for a parallel step: act there.")

    def __init__(self, reference: str) -> None:
        message = f"{reference} waits for what runs beside it: act there"
        super().__init__(message, reference)


class NotAlone(ActionRefused):
    """A branch cannot be cancelled alone, only together with its main path."""

    sentence = _("A branch is undone together with its order only.")

    def __init__(self, reference: str, branch: str) -> None:
        message = f"{reference}: {branch} is undone with its main path only"
        super().__init__(message, reference)


class Busy(ActionRefused):
    """A worker has claimed the saga. ``seconds`` is how long its lease lasts."""

    sentence = _("A worker is at it right now. Wait a minute, then look again.")

    def __init__(self, reference: str, seconds: int) -> None:
        message = f"{reference} is running right now: try again in {seconds} seconds"
        super().__init__(message, reference)
        self.seconds = seconds


class Changed(ActionRefused):
    """The saga has moved on since staff read it."""

    sentence = _("It has changed since you opened the page. Look at it once more.")

    def __init__(self, reference: str, state: str, step: str) -> None:
        message = f"{reference} has changed meanwhile: it is {state} at {step}"
        super().__init__(message, reference)
        self.state = state
        self.step = step


class Unproven(ActionRefused):
    """The outside does not confirm that the step was done. Raised by a step's proof."""

    sentence = _(
        "There is no proof that the step was done, so it is not marked as done."
    )


class NotMarkable(ActionRefused):
    """The step declares no proof, so it cannot be marked as done."""

    sentence = _("This step cannot be marked as done.")

    def __init__(self, reference: str, step: str) -> None:
        super().__init__(f"{reference}: {step} cannot be marked as done", reference)
        self.step = step


class NotSkippable(ActionRefused):
    """The definition does not let this step be left out."""

    sentence = _("This step must not be skipped: the order needs it.")

    def __init__(self, reference: str, step: str) -> None:
        super().__init__(f"{reference}: {step} must not be skipped", reference)
        self.step = step


class PastPivot(ActionRefused):
    """The saga is past its pivot: what was done is final."""

    sentence = _(
        "It cannot be cancelled any more: the charge was sent. Only a refund can "
        "give the money back."
    )

    def __init__(self, reference: str) -> None:
        message = f"{reference} cannot be cancelled: it is past the point of no return"
        super().__init__(message, reference)


class NothingToDecide(ActionRefused):
    """The saga waits for no decision, or not any more."""

    sentence = _("There is nothing to decide here any more.")

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} waits for no decision", reference)


class NotAllowed(ActionRefused):
    """The person lacks the permission that the decision needs."""

    sentence = _("You do not have the permission for this decision.")

    def __init__(self, reference: str, actor: str, permission: str) -> None:
        super().__init__(f"{actor} lacks {permission} for {reference}", reference)
        self.permission = permission


class SecondPersonNeeded(ActionRefused):
    """Who asks for the decision must not make it."""

    sentence = _("You have asked for this yourself: another person must decide.")

    def __init__(self, reference: str, actor: str) -> None:
        message = f"{actor} asked for {reference}, so another person must decide"
        super().__init__(message, reference)


class AnswerRefused(Exception):
    """Base of the refusals of an answer from the outside. Nothing was stored."""


class UnknownToken(AnswerRefused):
    """No step ever asked with this token."""

    def __init__(self) -> None:
        super().__init__("no question is known by this token")


class ForeignToken(AnswerRefused):
    """The token belongs to another saga than the answer is about."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"this token does not belong to {reference}")


class TooLate(AnswerRefused):
    """The deadline has passed, or the saga has moved on without the answer."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} does not wait for this answer any more")


class AnsweredOtherwise(AnswerRefused):
    """A different answer was given with this token before; that one counts."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference} was answered otherwise before")
