"""A warehouse system that is reached over HTTP: docs/warehouse.md.

Every call is a signed message to one address. It may be made any number of times: the
warehouse knows the shipping order by its shipment.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import requests
from django.conf import settings

from checkout.aftersales.warehouse.messages import (
    LARGEST_BODY,
    LONGEST_REASON,
    Call,
    call_body,
    parse,
    read_answer,
    read_page,
    read_status,
    recipient_data,
    request_data,
)
from checkout.aftersales.warehouse.port import (
    Answer,
    Misconfigured,
    NoAnswer,
    NotFound,
    NotNow,
    Recipient,
    Refused,
    ShippingOrder,
    Status,
    UnreadableAnswer,
    WarehouseError,
)
from checkout.payments.provider_fields import LONGEST, ProviderObject, Unreadable
from shop.outbound.standard_webhooks import sign
from shop.text.redaction import redact_text
from shop.text.stored import storable

_CONNECT_SECONDS = 3
_CHUNK = 16_384
_OK, _REDIRECT = 200, 300
_SECRET_REFUSED = (401, 403)
_TOO_MANY = 429
_NOT_FOUND = 404
_ITS_OWN_FAULT = 500
_Read = TypeVar("_Read")


class HttpWarehouse:
    """See Warehouse. Threads may share it: every call has its own connection."""

    def request(self, order: ShippingOrder) -> Status:
        status = _call(Call.REQUEST, request_data(order), read_status)
        return _of(status, order.shipment)

    def status(self, shipment: str) -> Status:
        status = _call(Call.STATUS, {"shipment": shipment}, read_status)
        return _of(status, shipment)

    def request_cancellation(self, shipment: str) -> Answer:
        return _call(Call.CANCEL, {"shipment": shipment}, read_answer)

    def cancel_rest(self, shipment: str) -> Answer:
        return _call(Call.CANCEL_REST, {"shipment": shipment}, read_answer)

    def change_recipient(
        self, shipment: str, recipient: Recipient, delivery: str
    ) -> Answer:
        data = recipient_data(shipment, recipient, delivery)
        return _call(Call.CHANGE_RECIPIENT, data, read_answer)

    def changed_since(self, moment: datetime) -> Iterator[Status]:
        """Read page by page: each may raise, and none is kept."""
        after = ""
        while True:
            data = {"since": moment.isoformat(), "after": after}
            page, following = _call(Call.LIST, data, read_page)
            yield from page
            if not following:
                return
            if following == after:
                message = "the warehouse's list goes round in a circle"
                raise UnreadableAnswer(message)
            after = following


def _of(status: Status, shipment: str) -> Status:
    if status.shipment != shipment:
        message = f"the warehouse was asked for {shipment} and answered another one"
        raise UnreadableAnswer(message)
    return status


def _call(call: Call, data: dict[str, Any], read: Callable[[bytes], _Read]) -> _Read:
    """Make one call and read its answer. Raises a WarehouseError."""
    code, content = _post(call_body(call, data))
    if not _OK <= code < _REDIRECT:
        raise _error_of(code, content)
    try:
        return read(content)
    except Unreadable as error:
        message = f"the warehouse's answer cannot be read: {error}"
        raise UnreadableAnswer(message) from error


def _post(body: str) -> tuple[int, bytes]:
    headers = sign(f"msg_{uuid.uuid4().hex}", body, settings.WAREHOUSE_SECRETS)
    try:
        with requests.post(
            settings.WAREHOUSE_URL,
            data=body.encode(),
            headers=headers | {"Content-Type": "application/json"},
            timeout=(_CONNECT_SECONDS, settings.WAREHOUSE_TIMEOUT),
            # A redirect would send the message where its signature is not meant for.
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code, _content(answer)
    except requests.RequestException as error:
        message = f"the warehouse did not answer: {type(error).__name__}"
        raise NoAnswer(message) from error


def _content(answer: requests.Response) -> bytes:
    """Return the answer's body. Raises UnreadableAnswer if it is too long."""
    content, enough = b"", time.monotonic() + settings.WAREHOUSE_TIMEOUT
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if time.monotonic() > enough:
            message = "the warehouse's answer did not end in time"
            raise NoAnswer(message)
        if len(content) > LARGEST_BODY:
            message = f"the warehouse's answer is longer than {LARGEST_BODY} bytes"
            raise UnreadableAnswer(message)
    return content


def _error_of(code: int, content: bytes) -> WarehouseError:
    name, sentence = _complaint(content)
    text = f"the warehouse answered {code} {name}: {sentence}".rstrip(": ")
    if code in _SECRET_REFUSED:
        return Misconfigured(f"{text} (check WAREHOUSE_URL and WAREHOUSE_SECRET)")
    if code == _TOO_MANY:
        return NotNow(text)
    if code >= _ITS_OWN_FAULT:
        return NoAnswer(text)
    if code == _NOT_FOUND and name == "unknown_shipment":
        return NotFound(text, name)
    if code == _NOT_FOUND or code < 400:  # noqa: PLR2004 - no page of a warehouse
        return Misconfigured(f"{text} (check WAREHOUSE_URL)")
    return Refused(text, name)


def _complaint(content: bytes) -> tuple[str, str]:
    """Return code and message of an error, as far as they can be read."""
    try:
        error = ProviderObject(parse(content), "error").inner("error")
        message = error.optional_text("message")
        code = error.optional_text("code")
    except Unreadable:
        return "", ""
    return storable(code, LONGEST), storable(redact_text(message), LONGEST_REASON)
