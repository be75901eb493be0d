"""Send an order's confirmation again, for customers who did not receive it."""

import uuid

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.models import OrderNote
from backoffice.order_overview import OrderOverview
from backoffice.previews.preview import Preview
from checkout.mail import outbox
from checkout.mail.models import MailKind
from saga.errors import ActionRefused
from saga.models import INPUT
from shop.formatting import moment


class NotSendable(ActionRefused):
    """The first confirmation was not sent yet: the saga's own step will send it."""

    sentence = _("It was not sent yet: the order's own step sends it.")

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference}: no confirmation was sent yet", reference)


def is_possible(overview: OrderOverview) -> bool:
    """Return whether the saga has sent the first confirmation."""
    return overview.mail_sent_at is not None


def preview(overview: OrderOverview) -> Preview:
    """Preview sending the confirmation again. Raises NotSendable."""
    if overview.mail_sent_at is None:
        raise NotSendable(overview.saga.reference)
    values = {"email": _address(overview), "time": moment(overview.mail_sent_at)}
    effects = [
        gettext("Will not charge anything."),
        gettext("Will send one mail to %(email)s, as at %(time)s.") % values,
    ]
    return Preview(effects, [])


@transaction.atomic
def resend(overview: OrderOverview, actor: str, reason: str, key: uuid.UUID) -> None:
    """Queue the mail and keep a note of it. Twice is once, by ``key``.

    Raises NotSendable.
    """
    if not is_possible(overview):
        raise NotSendable(overview.saga.reference)
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


def _address(overview: OrderOverview) -> str:
    """Return the address of the first mail: staff may have replaced the order's."""
    changed = overview.saga.data.get(INPUT, {}).get("email")
    return str(changed or overview.order.email)
