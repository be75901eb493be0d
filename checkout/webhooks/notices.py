"""Alerts about webhooks that are not taken: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from checkout.webhooks.models import WebhookProblem
from saga.models import Alert

TOPIC = "webhooks_not_taken"
ANCHOR = "an-alert-says-that-webhooks-are-not-taken"

_Cause = WebhookProblem.Cause
_WHAT = {
    _Cause.BAD_SIGNATURE: (
        "They are not signed with our secret",
        "STRIPE_WEBHOOK_SECRET is wrong, or somebody else sends them: none is right.",
    ),
    _Cause.STALE_SIGNATURE: (
        "They were signed too long ago by this machine's clock",
        "Set the clock right: the signature itself is Stripe's.",
    ),
    _Cause.THIN_EVENT: (
        "They are thin events",
        "The endpoint at Stripe must send snapshot events.",
    ),
    _Cause.UNREADABLE_WEBHOOK: (
        "They are signed and cannot be read",
        "Compare the API version of the endpoint at Stripe with the program's.",
    ),
    _Cause.OTHER_ACCOUNT: (
        "They are about another account",
        "The endpoint at Stripe must listen to events of its own account only.",
    ),
    _Cause.OTHER_MODE: (
        "They are of the other mode (test or live)",
        "STRIPE_WEBHOOK_SECRET and STRIPE_SECRET_KEY must be of the same mode.",
    ),
    _Cause.NO_OBJECT: (
        "They do not say what they are about",
        "Look the events up at Stripe.",
    ),
    _Cause.UNREADABLE: (
        "Stripe's list of events has some that cannot be read",
        "Look the events up at Stripe, and update the program.",
    ),
    _Cause.FAILED: (
        "They could not be applied, often enough to give up",
        "See the error of each, mend its cause, and run replay_webhooks.",
    ),
}


def write(alert: Alert) -> Notice:
    problem = WebhookProblem.objects.get(pk=key_of(alert))
    title, remedy = _WHAT[_Cause(problem.cause)]
    page = reverse("admin:checkout_webhookproblem_changelist")
    return f"Webhooks of Stripe are not taken. {title}", [
        f"The last one: {problem.detail}",
        remedy,
        "Orders go on without webhooks, more slowly.",
        *next_steps(page, ANCHOR),
    ]


WRITERS = {TOPIC: write}
