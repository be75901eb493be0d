"""The broker that carries Celery's messages: what BROKER_URL says about it.

The settings use this module, so it must not read them.
"""

import re
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shop.configuration.value_kinds import require

REDIS = ("redis", "rediss")
SENTINEL = "sentinel"
AMQP = ("amqp", "amqps")
SOCKET = "redis+socket"
# One URL may name several of these, separated by ";": any of them will do.
SEVERAL = (SENTINEL, *AMQP)
BETWEEN = ";"

# Seconds. A customer must not wait for a dead broker, nor for one that takes messages
# and says nothing: the sweeper enqueues what could not be sent.
CONNECT_TIMEOUT = 1.0
ANSWER_TIMEOUT = 3.0


@dataclass(frozen=True)
class Broker:
    """A broker as Celery and Kombu want it described."""

    url: str
    transport_options: dict[str, Any] = field(default_factory=dict)
    ssl: dict[str, Any] | bool = False
    queue_type: str = "classic"

    @property
    def queue_arguments(self) -> dict[str, str]:
        """Return what a queue is declared with."""
        is_default = self.queue_type == "classic"
        return {} if is_default else {"x-queue-type": self.queue_type}


class BrokerDown(Exception):
    """The broker does not answer; ``reason`` is the message of the client."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the broker does not answer: {reason}")


def check_url(text: str) -> None:
    """Raise ValueError for a text that names no broker."""
    urls = text.split(BETWEEN)
    schemes = {urlsplit(url).scheme for url in urls}
    require(len(schemes) == 1)
    (scheme,) = schemes
    require(len(urls) == 1 or scheme in SEVERAL)
    for url in urls:
        _check_one(url)


def _check_one(text: str) -> None:
    url = urlsplit(text)
    require(url.scheme in (SOCKET, *REDIS, SENTINEL, *AMQP))
    require(not re.search(r"\s", text) and not url.fragment)
    # Of Celery's options in URLs these are known, and mean what they say.
    options = [name for name, _value in parse_qsl(url.query, keep_blank_values=True)]
    require(all(url.scheme == "rediss" and name.startswith("ssl_") for name in options))
    if url.scheme == SOCKET:
        require(bool(url.path))
        return
    require(bool(url.hostname) and url.port != 0)
    if url.scheme not in AMQP:
        require(re.fullmatch(r"/?[0-9]*", url.path) is not None)


def describe(
    url: str, *, master: str = "", sentinel_password: str = "", ca_file: str = ""
) -> Broker:
    """Return how Celery reaches the broker of a URL that ``check_url`` accepts.

    ``master`` is the name that the Sentinels watch, ``ca_file`` the certificate of the
    authority that signed the servers', without which the system's are trusted.
    """
    scheme = urlsplit(url).scheme
    if scheme in AMQP:
        return _amqp(url, ca_file)
    secured: dict[str, Any] = {}
    if scheme == "rediss":
        # Without these, Kombu encrypts and asks nobody for a certificate.
        secured = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
        secured |= {"ssl_ca_certs": ca_file} if ca_file else {}
    options: dict[str, Any] = {
        "visibility_timeout": 300,
        "socket_connect_timeout": 0.5,
        "socket_timeout": ANSWER_TIMEOUT,
        "max_retries": 0,
        "retry_on_timeout": False,
    }
    if scheme == SENTINEL:
        options |= {
            "master_name": master,
            "sentinel_kwargs": {
                "socket_connect_timeout": 0.5,
                "socket_timeout": CONNECT_TIMEOUT,
                **({"password": sentinel_password} if sentinel_password else {}),
            },
        }
    return Broker(url, options, secured or False)


def _amqp(url: str, ca_file: str) -> Broker:
    secured: dict[str, Any] = {}
    if urlsplit(url).scheme == "amqps":
        # Kombu puts in the name of the host that it reaches.
        secured = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None}
        secured |= {"ca_certs": ca_file} if ca_file else {}
    options = {
        "max_retries": 0,
        "read_timeout": ANSWER_TIMEOUT,
        "write_timeout": ANSWER_TIMEOUT,
        # A message that the broker did not take is noticed by whoever sent it.
        "confirm_publish": True,
    }
    # Of a cluster with a node away, only these queues can be used (docs/adr/0086).
    return Broker(url, options, secured or False, queue_type="quorum")


def ping(broker: Broker) -> None:
    """Open a channel as a worker does. Raises BrokerDown."""
    # Imported here, because the supervisor starts the broker without this library.
    from kombu import Connection  # noqa: PLC0415
    from kombu.exceptions import KombuError  # noqa: PLC0415
    from kombu.exceptions import OperationalError as Unreachable  # noqa: PLC0415

    hasty = {
        name: CONNECT_TIMEOUT
        for name in ("socket_timeout", "read_timeout", "write_timeout")
        if name in broker.transport_options
    }
    connection = Connection(
        broker.url,
        ssl=broker.ssl,
        connect_timeout=CONNECT_TIMEOUT,
        transport_options=broker.transport_options | hasty,
    )
    errors: tuple[type[BaseException], ...] = (
        *connection.connection_errors,
        *connection.channel_errors,
        *(KombuError, Unreachable, OSError),
    )
    try:
        with connection:
            connection.connect()
            # Redis is asked only when a channel is opened.
            connection.channel()
    except errors as error:
        raise BrokerDown(str(error)) from error
