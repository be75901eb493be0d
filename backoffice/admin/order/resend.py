"""Sending an order's confirmation once more, for who did not get it."""

import uuid

from django.db import transaction
from django.utils.translation import gettext

from backoffice.models import OrderNote
from backoffice.order_overview import OrderOverview
from backoffice.previews.order import Forecast
from checkout.mail import outbox
from checkout.mail.models import MailKind
from saga.models import INPUT
from shop.formatting import moment


def is_possible(case: OrderOverview) -> bool:
    """Whether it was sent before: the first one is the saga's."""
    return case.mail_sent_at is not None


def forecast(case: OrderOverview) -> tuple[Forecast, str]:
    """Return what would happen, and why it cannot, empty when it can."""
    if case.mail_sent_at is None:
        why = gettext("It was not sent yet: the order's own step sends it.")
        return Forecast([], []), why
    values = {"email": _address(case), "time": moment(case.mail_sent_at)}
    effects = [
        gettext("Will not charge anything."),
        gettext("Will send one mail to %(email)s, as at %(time)s.") % values,
    ]
    return Forecast(effects, []), ""


@transaction.atomic
def resend(case: OrderOverview, actor: str, reason: str, key: uuid.UUID) -> str:
    """Queue the mail and note who wanted it; once a key. Returns why not."""
    _said, refusal = forecast(case)
    if refusal:
        return refusal
    to = _address(case)
    outbox.queue(case.order, MailKind.CONFIRMATION, key.hex, to=to)
    text = gettext("Confirmation sent again to %(email)s: %(reason)s")
    OrderNote.objects.get_or_create(
        key=key,
        defaults={
            "order": case.order,
            "actor": actor,
            "text": text % {"email": to, "reason": reason},
        },
    )
    return ""


def _address(case: OrderOverview) -> str:
    """Return where the first one went: staff may have changed the address."""
    changed = case.saga.data.get(INPUT, {}).get("email")
    return str(changed or case.order.email)
