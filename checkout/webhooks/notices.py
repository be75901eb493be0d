"""Alerts about webhooks that are not taken: title and lines."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.alerts.notices import Notice, key_of, next_steps
from checkout.webhooks.models import WebhookProblem
from saga.models import Alert
from shop.formatting import Wording
from shop.web.admin_addresses import list_page

TOPIC = "webhooks_not_taken"
ANCHOR = "an-alert-says-that-webhooks-are-not-taken"

_Cause = WebhookProblem.Cause
_WHAT: dict[str, tuple[Wording, Wording]] = {
    _Cause.BAD_SIGNATURE: (
        _("They are not signed with our secret"),
        _(
            "STRIPE_WEBHOOK_SECRET is wrong, or somebody else sends them: none is "
            "right."
        ),
    ),
    _Cause.STALE_SIGNATURE: (
        _("They were signed too long ago by this machine's clock"),
        _("Set the clock right: the signature itself is Stripe's."),
    ),
    _Cause.THIN_EVENT: (
        _("They are thin events"),
        _("The endpoint at Stripe must send snapshot events."),
    ),
    _Cause.UNREADABLE_WEBHOOK: (
        _("They are signed and cannot be read"),
        _("Compare the API version of the endpoint at Stripe with the program's."),
    ),
    _Cause.OTHER_ACCOUNT: (
        _("They are about another account"),
        _("The endpoint at Stripe must listen to events of its own account only."),
    ),
    _Cause.OTHER_MODE: (
        _("They are of the other mode (test or live)"),
        _("STRIPE_WEBHOOK_SECRET and STRIPE_SECRET_KEY must be of the same mode."),
    ),
    _Cause.NO_OBJECT: (
        _("They do not say what they are about"),
        _("Look the events up at Stripe."),
    ),
    _Cause.UNREADABLE: (
        _("Stripe's list of events has some that cannot be read"),
        _("Look the events up at Stripe, and update the program."),
    ),
    _Cause.FAILED: (
        _("They could not be applied, often enough to give up"),
        _("See the error of each, mend its cause, and run replay_webhooks."),
    ),
}


def write(alert: Alert) -> Notice:
    problem = WebhookProblem.objects.get(pk=key_of(alert))
    what, remedy = _WHAT[_Cause(problem.cause)]
    title = gettext("Webhooks of Stripe are not taken. %(what)s")
    page = list_page("checkout_webhookproblem")
    return title % {"what": what}, [
        gettext("The last one: %(detail)s") % {"detail": problem.detail},
        str(remedy),
        gettext("Orders go on without webhooks, more slowly."),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {TOPIC: write}
