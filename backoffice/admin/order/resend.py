"""Send an order's confirmation again, for customers who did not receive it."""

import uuid

from django.db import transaction
from django.utils.translation import gettext

from backoffice.models import OrderNote
from backoffice.order_overview import OrderOverview
from backoffice.previews.preview import Preview
from checkout.mail import outbox
from checkout.mail.models import MailKind
from saga.models import INPUT
from shop.formatting import moment


def is_possible(overview: OrderOverview) -> bool:
    """Return whether the saga has sent the first confirmation."""
    return overview.mail_sent_at is not None


def preview(overview: OrderOverview) -> tuple[Preview, str]:
    """Return the preview, and why it is refused (empty if it is not)."""
    if overview.mail_sent_at is None:
        why = gettext("It was not sent yet: the order's own step sends it.")
        return Preview([], []), why
    values = {"email": _address(overview), "time": moment(overview.mail_sent_at)}
    effects = [
        gettext("Will not charge anything."),
        gettext("Will send one mail to %(email)s, as at %(time)s.") % values,
    ]
    return Preview(effects, []), ""


@transaction.atomic
def resend(overview: OrderOverview, actor: str, reason: str, key: uuid.UUID) -> str:
    """Queue the mail and keep a note of it. Twice is once, by ``key``.

    Returns why it was refused, empty when done.
    """
    _said, refusal = preview(overview)
    if refusal:
        return refusal
    to = _address(overview)
    outbox.queue(overview.order, MailKind.CONFIRMATION, key.hex, to=to)
    text = gettext("Confirmation sent again to %(email)s: %(reason)s")
    OrderNote.objects.get_or_create(
        key=key,
        defaults={
            "order": overview.order,
            "actor": actor,
            "text": text % {"email": to, "reason": reason},
        },
    )
    return ""


def _address(overview: OrderOverview) -> str:
    """Return the address of the first mail: staff may have replaced the order's."""
    changed = overview.saga.data.get(INPUT, {}).get("email")
    return str(changed or overview.order.email)
