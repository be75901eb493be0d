"""Send one message to an endpoint and keep request and answer."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from time import monotonic

from django.conf import settings
from django.db import connection

from events.models import Event
from outgoing.envelope import CONTENT_TYPE, envelope, utc, write
from outgoing.webhooks import secrets
from outgoing.webhooks.models import LONGEST_ANSWER, LONGEST_BODY, Attempt, Endpoint
from shop import database_clock
from shop.outbound.guarded_http import Answer, GuardedRequestFailed, Limits, post
from shop.outbound.standard_webhooks import SIGNATURE, sign
from shop.text.redaction import HIDDEN, redact_text
from shop.text.stored import storable
from shop.text.typed_url import WrongUrl, read_url

TEST_TYPE = "webhook.test"
# Bytes of an answer that are read: nothing in it is needed but for people.
_MOST_READ = 8_192
# Of the answer, what helps to find a fault. A cookie does not.
_KEPT_HEADERS = ("content-type", "location", "retry-after", "server", "date")
_LONGEST_HEADER = 300
_USER_AGENT = "Todoku-Webhooks/1.0"


@dataclass(frozen=True)
class Message:
    """What is sent. ``uid`` stays the same when it is sent again."""

    uid: uuid.UUID
    type: str
    subject: str
    body: str
    is_test: bool = False


def message_of(event: Event) -> Message:
    return Message(event.uid, event.type, event.subject, write(envelope(event)))


def test_message(endpoint: Endpoint) -> Message:
    """Return a message that is no event, and says so by its type."""
    uid = uuid.uuid4()
    said = {
        "specversion": "1.0",
        "id": str(uid),
        "source": settings.SITE_URL,
        "type": TEST_TYPE,
        "time": utc(database_clock.read()),
        "datacontenttype": "application/json",
        "data": {"endpoint": endpoint.name},
    }
    return Message(uid, TEST_TYPE, "", write(said), is_test=True)


def send(endpoint: Endpoint, message: Message, seconds: float | None = None) -> Attempt:
    """Send it, and return what became of it, stored.

    Raises CannotBeRead if no secret can be read: nothing is sent unsigned.
    """
    signed = sign(str(message.uid), message.body, secrets.signing(endpoint))
    headers = signed | {"Content-Type": CONTENT_TYPE, "User-Agent": _USER_AGENT}
    attempt = Attempt(
        endpoint=endpoint,
        uid=message.uid,
        type=message.type,
        subject=message.subject,
        is_test=message.is_test,
        request_headers=headers | {SIGNATURE: HIDDEN},
        request_body=storable(message.body, LONGEST_BODY),
    )
    # A slow endpoint must not hold a connection to the database.
    if not connection.in_atomic_block:
        connection.close()
    began = monotonic()
    try:
        answer = _post(endpoint, message.body, headers, seconds)
    except (GuardedRequestFailed, WrongUrl) as error:
        attempt.error = storable(redact_text(str(error)), LONGEST_ANSWER)
    else:
        _keep(attempt, answer)
    attempt.took = timedelta(seconds=monotonic() - began)
    attempt.save()
    return attempt


def _post(
    endpoint: Endpoint, body: str, headers: dict[str, str], seconds: float | None
) -> Answer:
    limits = Limits(seconds or settings.WEBHOOK_TIMEOUT, _MOST_READ)
    private = map(ip_network, settings.OUTGOING_PRIVATE_NETWORKS)
    url = read_url(endpoint.url, plain=not settings.PRODUCTION)
    return post(url, body.encode(), headers, limits, list(private))


def _keep(attempt: Attempt, answer: Answer) -> None:
    attempt.status = answer.status
    attempt.answer_headers = {
        name: storable(redact_text(answer.header(name)), _LONGEST_HEADER)
        for name in _KEPT_HEADERS
        if answer.header(name)
    }
    text = answer.body.decode("utf-8", "replace")
    attempt.answer_body = storable(redact_text(text), LONGEST_ANSWER)
    if not attempt.is_taken:
        attempt.error = f"the answer is {answer.status}, and not 200 to 299"
    if 300 <= answer.status < 400:  # noqa: PLR2004
        attempt.error += "; redirects are not followed"
