"""Sending an order's confirmation once more, for who did not get it."""

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
    """Whether it was sent before: the first one is the saga's."""
    return overview.mail_sent_at is not None


def preview(overview: OrderOverview) -> tuple[Preview, str]:
    """Return what would happen, and why it cannot, empty when it can."""
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
    """Queue the mail and note who wanted it; once a key. Returns why not."""
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
    """Return where the first one went: staff may have changed the address."""
    changed = overview.saga.data.get(INPUT, {}).get("email")
    return str(changed or overview.order.email)
