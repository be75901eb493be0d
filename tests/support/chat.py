"""A chat that keeps what the shop posts to the staff's channel."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Chat:
    """The posted texts, oldest first.

    It answers with ``status``. While that is an error, it keeps nothing.
    """

    url: str = ""
    texts: list[str] = field(default_factory=list)
    status: int = 200
    refused: int = 0

    def about(self, number: str) -> list[str]:
        return [text for text in self.texts if number in text]


@contextmanager
def listening_chat() -> Iterator[Chat]:
    """Run the chat on a port of this machine."""
    chat = Chat()

    class Channel(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if chat.status < 400:
                chat.texts.append(json.loads(body)["text"])
            else:
                chat.refused += 1
            self.send_response(chat.status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Channel)
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
