"""GraphQL over a WebSocket: many operations on one connection.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md (graphql-transport-ws).
The web server's loop keeps the connection, as it keeps streams. It hands over what the
client says; the answers are made by the thread that makes pages. Cookies are not read.
"""

import json
import time
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from django.http import HttpRequest
from django.utils import translation
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side, State
from websockets.utils import accept_key

from api import allowance
from api.context import Context
from api.errors import Fault, RequestRefused
from api.execution import Invalid, described, execute, is_text, read
from api.streams import Subscribed, changed
from shop.web.event_streams import Event, Feed
from shop.web.throttle import TooFast

SUBPROTOCOL = "graphql-transport-ws"
MOST_BYTES = 65_536  # of a message
MOST_OPERATIONS = 20  # open on one connection
MOST_WAITING = 50  # messages, and pings, that were not answered yet
ANSWERING_SECONDS = 0.5  # at once; what is left waits until others had their turn
_LONGEST_NAME = 80  # bytes, in the reason of a close; it may have 123
INIT_SECONDS = 10.0  # for the client to begin
_GOING_AWAY = 1001
_FLOODED = 1008
_UNREADABLE = 4400
_UNAUTHORISED = 4401
_LATE = 4408
_KNOWN_ID = 4409
_INIT_TWICE = 4429


class _Closed(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """One open WebSocket and its subscriptions."""

    def __init__(self, request: HttpRequest) -> None:
        key = accept_key(request.headers["Sec-WebSocket-Key"])
        self.handshake = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
        ).encode()
        self.subscriptions: dict[str, Subscribed] = {}
        self.ready: list[str] = []
        self._request = request
        self._language = translation.get_language() or "en"
        # The loop's thread reads while another one answers.
        self._lock = Lock()
        self._protocol = Protocol(Side.SERVER, max_size=MOST_BYTES)
        self._message = bytearray()
        self._inbox: list[bytes] = []
        self._pings = 0  # whose answers were not sent yet
        self._is_acknowledged = False
        self._began = time.monotonic()

    @property
    def feed(self) -> Feed:
        return with_news

    def received(self, data: bytes) -> None:
        """Take what the client sent, and keep whole messages for ``event``."""
        with self._lock:
            if self._protocol.state is not State.OPEN:
                return  # it is told so; what it says until then is not kept
            self._protocol.receive_data(data)
            for frame in self._protocol.events_received():
                self._take(frame)
            is_flooded = max(len(self._inbox), self._pings) > MOST_WAITING
            if is_flooded and self._protocol.state is State.OPEN:
                self._protocol.send_close(_FLOODED, "Too many messages")
                self._inbox.clear()

    def _take(self, frame: object) -> None:
        opcode = getattr(frame, "opcode", None)
        if opcode is Opcode.PING:
            self._pings += 1
        elif opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._message += getattr(frame, "data", b"")
            if getattr(frame, "fin", True):
                self._inbox.append(bytes(self._message))
                self._message.clear()

    def beat(self) -> bytes:
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._protocol.send_ping(b"")
            return self._out()

    def farewell(self) -> bytes:
        return self._close(_GOING_AWAY, "")

    @property
    def has_something(self) -> bool:
        """Whether the client said something, is gone, or did not begin in time."""
        is_open = self._protocol.state is State.OPEN
        return bool(self._inbox or self._pings) or not is_open or self._is_late

    def event(self) -> Event:
        """Answer what the client said, and tell what is new."""
        answers: list[dict[str, Any]] = []
        try:
            with translation.override(self._language):
                for message, size in self._messages():
                    answers += self._answers_to(message, size)
                for name in self.ready:
                    if name in self.subscriptions:
                        answers += self._news_of(name)
            self._check_begun()
        except _Closed as closed:
            data = self._written(answers) + self._close(closed.code, closed.reason)
            return Event("", is_last=True, data=data)
        data = self._written(answers)
        return Event("", is_last=self._protocol.state is not State.OPEN, data=data)

    def _check_begun(self) -> None:
        if self._is_late:
            raise _Closed(_LATE, "Connection initialisation timeout")

    @property
    def _is_late(self) -> bool:
        waited = time.monotonic() - self._began
        return not self._is_acknowledged and waited > INIT_SECONDS

    def _messages(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield each message with its bytes, and forget it once it is answered.

        Not those that come meanwhile: who never stops would keep the thread for ever.
        """
        until = time.monotonic() + ANSWERING_SECONDS
        for number in range(len(self._inbox)):
            with self._lock:
                if not self._inbox or (number and time.monotonic() >= until):
                    return
                message = self._inbox[0]
            try:
                found = json.loads(message.decode())
            except (ValueError, RecursionError) as error:
                raise _Closed(_UNREADABLE, "Invalid message") from error
            if not isinstance(found, dict):
                raise _Closed(_UNREADABLE, "Invalid message")
            yield found, len(message)
            with self._lock:
                del self._inbox[:1]

    def _answers_to(self, message: dict[str, Any], size: int) -> list[dict[str, Any]]:
        kind, name = message.get("type"), message.get("id")
        if kind == "connection_init":
            return self._acknowledge()
        if kind in ("ping", "pong"):
            return [{"type": "pong"}] if kind == "ping" else []
        if not self._is_acknowledged:
            raise _Closed(_UNAUTHORISED, "Unauthorized")
        if not isinstance(name, str) or not is_text(name):
            raise _Closed(_UNREADABLE, "Invalid message")
        if kind == "complete":
            self.subscriptions.pop(name, None)
            return []
        if kind != "subscribe":
            raise _Closed(_UNREADABLE, "Invalid message")
        return self._begin(name, message.get("payload"), size)

    def _acknowledge(self) -> list[dict[str, Any]]:
        if self._is_acknowledged:
            raise _Closed(_INIT_TWICE, "Too many initialisation requests")
        self._is_acknowledged = True
        return [{"type": "connection_ack"}]

    def _begin(self, name: str, payload: Any, size: int) -> list[dict[str, Any]]:
        if name in self.subscriptions:
            known = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
            raise _Closed(_KNOWN_ID, f"Subscriber for {known} already exists")
        context = Context(self._request)
        try:
            self._check_number()
            allowance.admit_body(context.client, size)
            asked = read(payload)
            allowance.admit(context, asked)
        except Invalid as error:
            return [_error(name, [described(each) for each in error.found])]
        except RequestRefused as error:
            return [_error(name, [described(error)])]
        except RecursionError:
            refusal = RequestRefused(Fault.TOO_DEEP, "It is nested too deeply.")
            return [_error(name, [described(refusal)])]
        except TooFast as error:
            refusal = RequestRefused(Fault.TOO_FAST, f"Wait {error.seconds} seconds.")
            return [_error(name, [described(refusal)])]
        if asked.checked.operation != "subscription":
            return [_next(name, execute(asked, context)), _complete(name)]
        self.subscriptions[name] = Subscribed(asked, context)
        return self._news_of(name)

    def _check_number(self) -> None:
        if len(self.subscriptions) >= MOST_OPERATIONS:
            text = f"At most {MOST_OPERATIONS} subscriptions on one connection."
            raise RequestRefused(Fault.NO_STREAM, text)

    def _news_of(self, name: str) -> list[dict[str, Any]]:
        answer, is_last = self.subscriptions[name].news()
        told = [_next(name, answer)] if answer is not None else []
        if is_last:
            del self.subscriptions[name]
            told.append(_complete(name))
        return told

    def _written(self, answers: list[dict[str, Any]]) -> bytes:
        with self._lock:
            for answer in answers:
                if self._protocol.state is State.OPEN:
                    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
                    self._protocol.send_text(text.encode())
            return self._out()

    def _close(self, code: int, reason: str) -> bytes:
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code, reason)
            return self._out()

    def _out(self) -> bytes:
        self._pings = 0
        return b"".join(self._protocol.data_to_send())


def with_news(sockets: Sequence[Socket]) -> Iterator[Socket]:
    """Yield those that have something to answer or to tell."""
    open_ones = [each for one in sockets for each in one.subscriptions.values()]
    ready = set(changed(open_ones)) if open_ones else set()
    for socket in sockets:
        mine = socket.subscriptions.items()
        socket.ready = [name for name, each in mine if each in ready]
        if socket.ready or socket.has_something:
            yield socket


def _next(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": "next", "payload": answer}


def _complete(name: str) -> dict[str, Any]:
    return {"id": name, "type": "complete"}


def _error(name: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": name, "type": "error", "payload": errors}
