"""The channels of alerts (log, mail, chat) and the texts of alerts about sagas.

When and how often an alert is sent is decided in saga.alerting.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.alerts import notices
from checkout.status.failures import cause, failure
from checkout.status.money import ChargeState, count_charge_states, money_taken
from orders.models import Order, Payment
from orders.numbers import order_of
from saga.messages import Channels, Message
from saga.models import Alert, Saga, State
from shop.formatting import Wording
from shop.web.admin_addresses import list_page, row_page

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Text:
    """What a message says. ``subject`` is that of a mail."""

    subject: str
    title: str
    lines: list[str]


Writer = Callable[[Message], Text]

_CHAT_SECONDS = 5
_CHARGES: dict[ChargeState, Wording] = {
    ChargeState.CHARGED: _("%(count)d charged"),
    ChargeState.UNKNOWN: _("%(count)d possibly charged"),
    ChargeState.NOT_CHARGED: _("%(count)d not charged"),
}
# Headings of the runbook.
_STOPPED_ANCHOR = "an-alert-says-that-an-order-stopped"
_LAPSING_ANCHOR = "an-alert-says-that-orders-wait-for-their-release"
_OUTAGE_ANCHOR = "an-alert-says-that-something-does-not-answer"


def channels() -> Channels:
    """Return the configured channels. The log is always one of them."""
    return channels_of(_about_orders)


def channels_of(about: Writer) -> Channels:
    """Return the same channels with other texts of sagas that stopped or wait.

    ``about`` returns the subject of a mail, the title and the lines.
    """
    found: dict[str, Any] = {"log": partial(_to_log, about)}
    if settings.ALERT_CHAT_WEBHOOK_URL:
        found["chat"] = partial(_to_chat, about, settings.ALERT_CHAT_WEBHOOK_URL)
    if settings.ALERT_EMAILS:
        found["mail"] = partial(_to_mail, about)
    return found


def _to_log(about: Writer, message: Message) -> None:
    text = _write(about, message)
    logger.error("%s", "\n".join([text.title, *text.lines]), extra={"has_lines": True})


def _to_chat(about: Writer, url: str, message: Message) -> None:
    """Post the message in the format of Slack's incoming webhooks.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """
    text = _write(about, message)
    title, body = text.title, "\n".join(text.lines)
    sections = [f"*{_plain(title)}*", _plain(body)]
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}
        for text in sections
    ]
    payload = {"text": f"{title}\n{body}", "blocks": blocks}
    # The URL is a password, and a redirect would be a GET without the message.
    answer = requests.post(
        url, json=payload, timeout=_CHAT_SECONDS, allow_redirects=False
    )
    answer.raise_for_status()
    if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        moved = "the chat answers with a redirect: correct ALERT_CHAT_WEBHOOK_URL"
        raise requests.HTTPError(moved)


def _to_mail(about: Writer, message: Message) -> None:
    text = _write(about, message)
    body = "\n".join([text.title, *text.lines])
    send_mail(text.subject, body, None, settings.ALERT_EMAILS)


def _plain(text: str) -> str:
    """Escape the characters that Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _write(about: Writer, message: Message) -> Text:
    """Write the message in the language of staff: all texts of alerts pass here."""
    with translation.override(settings.STAFF_LANGUAGE):
        if message.alert.kind == Alert.Kind.STOPPED:
            return about(message)
        title = _title(message)
        return Text(title, title, _body(message))


def _about_orders(message: Message) -> Text:
    subject = _subject(message)
    title = f"{subject}: {message.sagas[0].error}"
    return Text(subject, title, _body(message))


def _subject(message: Message) -> str:
    saga, count = message.sagas[0], message.count
    one = gettext("Order %(number)s stopped at %(step)s")
    many = gettext("%(count)d orders stopped at %(step)s")
    if _waits(message):
        one = gettext("Order %(number)s waits at %(step)s")
        many = gettext("%(count)d orders wait at %(step)s")
    text = one if count == 1 else many
    number, step = saga.reference, message.alert.step
    return text % {"number": number, "count": count, "step": step}


def _title(message: Message) -> str:
    if message.alert.kind == Alert.Kind.NOTICE:
        return notices.write(message.alert)[0]
    alert = message.alert
    away = alert.topic.removeprefix("outage of ")
    text = gettext("Outage of %(what)s: orders wait at %(step)s")
    return text % {"what": away, "step": alert.step}


def _body(message: Message) -> list[str]:
    if message.alert.kind == Alert.Kind.NOTICE:
        return notices.write(message.alert)[1]
    if message.alert.kind == Alert.Kind.OUTAGE:
        return [
            *(notices.last_error(saga.error) for saga in message.sagas if saga.error),
            gettext("They go on by themselves as soon as it answers again."),
            gettext("No money is taken twice, and none is lost."),
            notices.what_to_do(_OUTAGE_ANCHOR),
            gettext("Who waits: %(command)s")
            % {"command": "python manage.py saga_list --state running"},
        ]
    many = message.count > 1
    look = _list_link(message) if many else _order_link(message.sagas[0])
    anchor = _LAPSING_ANCHOR if _waits(message) else _STOPPED_ANCHOR
    return [
        *([] if _waits(message) else [_in_plain_words(message.sagas)]),
        _money_of_many(message) if many else _money_of_one(message.sagas[0]),
        *([_named(message)] if many else []),
        gettext("Look and resume: %(url)s") % {"url": f"{settings.SITE_URL}{look}"},
        gettext("Or: %(command)s") % {"command": _command(message)},
        *([] if many else _in_the_log(message.sagas[0])),
        notices.what_to_do(anchor),
    ]


def _in_the_log(saga: Saga) -> list[str]:
    """Return the line with what to search the log for, if it is known."""
    text = gettext("In the log: request_id %(id)s")
    return [text % {"id": saga.request_id}] if saga.request_id else []


def _in_plain_words(sagas: Sequence[Saga]) -> str:
    """Return what did not happen, and why as far as that is known.

    Where the books of the orders differ, so does what happened: each is said once.
    """
    numbers = [order_of(saga.reference) for saga in sagas]
    rows = Payment.objects.filter(order__number__in=numbers)
    status = dict(rows.values_list("order__number", "status"))
    failures = dict.fromkeys(
        failure(saga, status.get(number, ""))
        for saga, number in zip(sagas, numbers, strict=True)
    )
    words = {"failure": " / ".join(failures), "cause": cause(sagas[0])}
    return gettext("What failed: %(failure)s. %(cause)s") % words


def _waits(message: Message) -> bool:
    """Return whether the sagas wait for staff, without an error."""
    return all(saga.state == State.WAITING for saga in message.sagas)


def _named(message: Message) -> str:
    names = ", ".join(saga.reference for saga in message.sagas)
    more = message.count - len(message.sagas)
    text = gettext("Orders: %(names)s and %(count)d more")
    if not more:
        text = gettext("Orders: %(names)s")
    return text % {"names": names, "count": more}


def _command(message: Message) -> str:
    if _waits(message):
        return f"python manage.py order_release {message.sagas[0].reference}"
    if message.count > len(message.sagas):
        return f"python manage.py saga_resume --failed-step {message.alert.step}"
    names = " ".join(order_of(saga.reference) for saga in message.sagas)
    return f"python manage.py saga_resume {names}"


def _order_link(saga: Saga) -> str:
    order = Order.objects.filter(number=order_of(saga.reference)).first()
    if order is None:
        return list_page("backoffice_stalledorder")
    return row_page("backoffice_stalledorder", order.pk)


def _list_link(message: Message) -> str:
    query = urlencode({"step": message.alert.step})
    return f"{list_page('backoffice_stalledorder')}?{query}"


def _money_of_one(saga: Saga) -> str:
    order = Order.objects.filter(number=order_of(saga.reference)).first()
    return money_taken(order) if order else gettext("There is no order of that number.")


def _money_of_many(message: Message) -> str:
    """Count the charge states of the orders that the alert names."""
    count = count_charge_states(message.sagas)
    parts = [str(_CHARGES[state]) % {"count": count[state]} for state in count]
    return gettext("Money: %(counted)s.") % {"counted": ", ".join(parts)}
