"""What helps against each cause for which webhooks are not taken, and what became.

Of the events that were tried again, that is.
"""

from collections.abc import Iterator

from django.contrib import messages
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.error_catalogue import CATALOGUE
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.second_chance import PATIENCE, SecondChance
from shop.formatting import Wording

# So many errors are enough to see what is wrong.
SHOWN = 5
_SetAside = ProviderEvent.SetAside
_REMEDIES: dict[str, Wording] = {
    _SetAside.OTHER_ACCOUNT.value: _(
        "Let the endpoint at Stripe listen to events of your own account only."
    ),
    _SetAside.OTHER_MODE.value: _(
        "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be of the same mode. Then "
        "run replay_webhooks."
    ),
    _SetAside.NO_OBJECT.value: _("Look the event up at Stripe."),
    _SetAside.UNREADABLE.value: _(
        "Look the event up at Stripe, and update the program."
    ),
    _SetAside.FAILED.value: _(
        "Fix the cause shown in the error, then run replay_webhooks: it tries again."
    ),
}


def remedy(cause: str) -> str:
    """Return what helps against a cause of WebhookProblem."""
    known = _REMEDIES.get(cause)
    if known is None:
        known = next(entry.remedy for entry in CATALOGUE if cause in entry.names)
    return str(known)


def outcome(chance: SecondChance) -> Iterator[tuple[int, str]]:
    """Yield what became of the events: the level of a message, and its sentence."""
    done = chance.done
    if done.applied:
        text = ngettext(
            "%(count)d event was applied.",
            "%(count)d events were applied.",
            done.applied,
        )
        yield messages.SUCCESS, text % {"count": done.applied}
    elif not done.failed and not chance.broken_off:
        yield messages.INFO, gettext("Nothing was left to be applied.")
    if done.set_aside:
        text = ngettext(
            "%(count)d event is still set aside: see the list of Stripe events.",
            "%(count)d events are still set aside: see the list of Stripe events.",
            done.set_aside,
        )
        yield messages.WARNING, text % {"count": done.set_aside}
    for error in done.errors[:SHOWN]:
        yield messages.ERROR, gettext("Failed again: %(error)s") % {"error": error}
    if done.failed > SHOWN:
        more = {"count": done.failed - SHOWN}
        yield messages.ERROR, gettext("%(count)d more failed again.") % more
    if chance.broken_off:
        text = gettext("Stripe did not answer: %(error)s. What was applied stays.")
        yield messages.ERROR, text % {"error": chance.broken_off}
    if chance.left:
        yield messages.WARNING, _left(chance)


def _left(chance: SecondChance) -> str:
    if chance.since is None:
        return gettext("Not all were tried, there are too many: press it once more.")
    text = gettext(
        "Not all were read within %(seconds)d seconds. For the rest, run "
        "replay_webhooks --since %(since)s"
    )
    since = chance.since.isoformat(timespec="seconds")
    return text % {"seconds": PATIENCE.total_seconds(), "since": since}


def plan(causes: list[str]) -> Iterator[str]:
    """Yield what will be tried again for these causes of WebhookProblem."""
    failed = _SetAside.FAILED.value
    if failed in causes:
        yield gettext("Will apply the events that failed once more.")
    if any(cause != failed for cause in causes):
        yield gettext(
            "Will read Stripe's own list of events and apply those that were not "
            "applied."
        )
    yield gettext("Will charge and refund nothing.")
