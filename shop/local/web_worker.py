"""Gunicorn's worker whose connections are waitress's (docs/adr/0027).

Gunicorn starts, supervises and reloads the processes. In each, waitress's loop reads
whole requests and sends whole answers without blocking, and threads only run the pages:
a slow connection costs a file descriptor, not a thread.
"""

import os
import resource
import time
from typing import Any, cast

from gunicorn.errors import ConfigError
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import create_server

from shop.local.connections import SUBSCRIBER, Connection
from shop.local.loop_threads import LoopThreads
from shop.local.streams import MOST_STREAMS, Streams
from shop.web.event_streams import KEEPER

TICK = 1.0  # seconds between two looks at the deadlines
FILES_PER_CONNECTION = 3  # the socket, and a file each for a big request and answer
# Waitress closes idle connections by the time of day, ours close them.
NEVER = 10**10  # seconds


class WebWorker(Worker):
    """Serves the sockets of gunicorn with waitress until told to stop."""

    def run(self) -> None:
        connections = self.cfg.worker_connections
        allow_files(connections * FILES_PER_CONNECTION + MOST_STREAMS)
        self.map: dict[int, Any] = {}
        self.threads = LoopThreads(self.turn)
        self.servers = [self.open_server(listener.sock) for listener in self.sockets]
        call = self.servers[0].trigger.pull_trigger
        self.streams = Streams(self.map, self.threads.add_task, call)
        for server in self.servers:
            server.streams = self.streams
        self.next_look = 0.0
        self.threads.run(lambda: self.alive and self.ppid == os.getppid())
        self.finish()

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        if cfg.is_ssl:
            message = "This worker speaks plain HTTP: let a proxy hold the certificate."
            raise ConfigError(message)

    def open_server(self, listener: Any) -> Any:
        server: Any = create_server(
            self.answer,
            map=self.map,
            sockets=[listener],
            _dispatcher=cast("Any", self.threads),
            backlog=self.cfg.backlog,
            # The map holds the listener, its trigger and the streams as well.
            connection_limit=self.cfg.worker_connections + 3,
            channel_timeout=NEVER,
            asyncore_use_poll=True,
            max_request_header_size=self.cfg.limit_request_field_size * 4,
            # Django decides which proxies it believes: see shop/web/client_address.py.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
            ident="",
        )
        server.channel_class = Connection
        server.server_name = server.effective_host
        return server

    def answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request as the application does, and note if it begins a stream."""
        environ[KEEPER] = self.streams
        response = self.wsgi(environ, start_response)
        environ[SUBSCRIBER] = getattr(response, "subscriber", None)
        return response

    def turn(self, patience: float) -> None:
        """Read and write what is ready; once a second, close what is too slow."""
        timeout = min(TICK, patience, self.streams.seconds_until_look())
        wasyncore.loop(timeout=timeout, use_poll=True, map=self.map, count=1)
        if not self.streams.seconds_until_look():
            self.streams.look()
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + TICK
        self.notify()
        self.streams.care()
        now = time.monotonic()
        for connection in self.connections():
            connection.check_deadlines(now, self.cfg.keepalive)

    def connections(self) -> list[Connection]:
        return [
            connection
            for server in self.servers
            for connection in list(server.active_channels.values())
        ]

    def finish(self) -> None:
        """Answer the requests under way, for at most ``graceful_timeout``."""
        for server in self.servers:
            server.accepting = False
            server.del_channel()
            server.socket.close()
        self.streams.close_all()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        self.threads.run(
            lambda: (
                any(map(is_busy, self.connections())) and time.monotonic() < deadline
            )
        )
        for connection in self.connections():
            connection.drop()

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        for server in getattr(self, "servers", []):
            server.pull_trigger()


def is_busy(connection: Connection) -> bool:
    """Return whether something is still to be sent, if only the end of a stream."""
    waits = connection.requests or connection.subscriber
    return bool(waits or connection.total_outbufs_len)


def allow_files(number: int) -> None:
    """Raise the soft limit of open files, as far as the hard one lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
