"""What the payment provider's answers and errors mean for the saga's steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from checkout.payments import gateway as provider
from checkout.payments.declines import TOKEN_UNUSABLE
from checkout.payments.gateway import Intent, get_gateway
from checkout.payments.refusals import Remedy, refusal_of
from saga.errors import Abort, ManualIntervention, OutcomeUnknown, Retry, StepError


def intent_after(intent_id: str, call: Callable[[], Intent]) -> Intent:
    """Make a call that changes the intent; return the intent as it is after it.

    If the intent is beyond the state that the call needs, it is returned as it is,
    without an error. Raises the gateway's other errors.
    """
    try:
        return call()
    except provider.UnexpectedState as error:
        return error.intent
    except provider.CardUnusable:
        # No decline of the bank, but the customer must enter the card again as well.
        intent = get_gateway().retrieve(intent_id)
        return replace(intent, decline_code=intent.decline_code or TOKEN_UNUSABLE)
    except provider.Refused as error:
        if refusal_of(error.code).remedy is not Remedy.NEXT_CARD:
            raise
        return replace(get_gateway().retrieve(intent_id), decline_code=error.code)


@contextmanager
def as_saga_errors(*, patient: bool = False) -> Iterator[None]:
    """Raise the saga's error in place of each error of the gateway.

    ``patient``: a call without an answer is repeated until there is one.
    """
    try:
        yield
    except provider.OutcomeUnknownError as error:
        message = f"the payment provider gave no clear answer: {error}"
        if patient:
            raise Retry(message, limitless=True) from error
        raise OutcomeUnknown(message) from error
    except provider.NotNow as error:
        message = f"the payment provider asks for patience: {error}"
        raise Retry(message) from error
    except provider.Misconfigured as error:
        raise Retry(str(error), limitless=True) from error
    except provider.Refused as error:
        raise _refused(error) from error


def _refused(error: provider.Refused) -> StepError:
    """Return the error that ends the order, or stops it for staff, if they can help."""
    message = f"the payment provider refuses the request: {error}"
    refusal = refusal_of(error.code)
    if refusal.remedy is Remedy.NOBODY:
        return Abort(message, refusal.told)
    return ManualIntervention(message)
