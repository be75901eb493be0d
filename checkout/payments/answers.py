"""What the provider's answers and errors mean for the saga's payment steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from checkout.payments import gateway as provider
from checkout.payments.declines import TOKEN_UNUSABLE
from checkout.payments.gateway import Intent, get_gateway
from saga.errors import ManualIntervention, OutcomeUnknown, Retry


def accepting_state(intent_id: str, call: Callable[[], Intent]) -> Intent:
    """Take "the intent has moved on" as the answer it is: where it stands now."""
    try:
        return call()
    except provider.UnexpectedState as error:
        return error.intent
    except provider.CardUnusable:
        # Not the bank's no, but the same for the customer: enter the card again.
        intent = get_gateway().retrieve(intent_id)
        return replace(intent, decline_code=intent.decline_code or TOKEN_UNUSABLE)


@contextmanager
def translated(*, patient: bool = False) -> Iterator[None]:
    """Say to the engine what a gateway's error means for the saga.

    ``patient``: without an answer it is asked until there is one.
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
        message = f"the payment provider refuses the request: {error}"
        raise ManualIntervention(message) from error
