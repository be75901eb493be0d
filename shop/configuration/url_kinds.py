"""The kinds of URLs that a setting can have.

The settings use this module, so it must not read them.
"""

import re
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import environ  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured

from shop.configuration.broker import check_url as check_broker_url
from shop.configuration.value_kinds import HOST, Kind, require, split

DATABASE_SCHEMES = ("postgres", "postgresql", "pgsql", "psql", "sqlite")
SMTP_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl")
MAIL_SCHEMES = (*SMTP_SCHEMES, "filemail", "consolemail", "memorymail", "dummymail")


def page_or_path() -> Kind:
    def read(text: str) -> str:
        require(bool(text) and not re.search(r"\s", text))
        if "://" in text:
            _split_url(text, "http", "https")
        return text

    return Kind("a URL such as https://wiki.example.com/README.md, or a path", read)


def web_url(*, optional: bool = False, secret: bool = False) -> Kind:
    def read(text: str) -> str:
        if text or not optional:
            _split_url(text, "http", "https")
        return text

    return Kind("a URL that begins with https:// or http://", read, secret)


def site() -> Kind:
    def read(text: str) -> str:
        return _origin(text.rstrip("/"))

    return Kind("an address such as https://shop.example.com, without a path", read)


def origins() -> Kind:
    def read(text: str) -> list[str]:
        for each in split(text):
            _origin(each.replace("://*.", "://any.", 1))
        return split(text)

    return Kind(
        "a list, separated by commas, of addresses such as https://shop.example.com",
        read,
    )


def broker_url() -> Kind:
    def read(text: str) -> str:
        check_broker_url(text)
        return text

    wanted = (
        "a broker URL such as redis://host:6379/0, amqp://user:password@host:5672/shop "
        'or sentinel://host:26379/0, the last two also several, separated by ";"'
    )
    return Kind(wanted, read, secret=True)


def bridge_url() -> Kind:
    def read(text: str) -> str:
        if text and urlsplit(text).scheme.startswith("redis"):
            require(";" not in text)
            return str(broker_url().read(text))
        if text:
            _split_url(text, "amqp", "amqps")
        return text

    wanted = (
        "the URL of a broker such as rediss://:password@host:6379/0 or "
        "amqps://user:password@host:5671/shop"
    )
    return Kind(wanted, read, secret=True)


def sentry_dsn() -> Kind:
    """Where an error tracker takes faults: its key, host and project."""

    def read(text: str) -> str:
        if text:
            url = _split_url(text, "http", "https")
            project = url.path.rpartition("/")[2]
            require(bool(url.username) and project.isascii() and project.isdigit())
        return text

    wanted = "the DSN of a project in Sentry, such as https://key@sentry.example.com/1"
    return Kind(wanted, read, secret=True)


def headers() -> Kind:
    def read(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in split(text):
            key, is_one, value = each.partition("=")
            require(bool(is_one and value.strip()) and value.isprintable())
            require(re.fullmatch(r"[A-Za-z0-9-]+", key.strip()) is not None)
            found[key.strip()] = unquote(value.strip())
        return found

    wanted = "a list, separated by commas, of headers such as api-key=SECRET"
    return Kind(wanted, read, secret=True)


def database_url() -> Kind:
    def read(text: str) -> dict[str, Any]:
        require(urlsplit(text).scheme in DATABASE_SCHEMES)
        described: dict[str, Any] = environ.Env.db_url_config(text)
        require(described["NAME"] not in ("", ":memory:"))
        return described

    wanted = (
        "a database URL such as postgres://user:password@host:5432/shop (PostgreSQL) "
        "or sqlite:////folder/file"
    )
    return Kind(wanted, read, secret=True)


def mail_url() -> Kind:
    def read(text: str) -> dict[str, Any]:
        url = urlsplit(text)
        require(url.scheme in MAIL_SCHEMES)
        if url.scheme in SMTP_SCHEMES:
            _split_url(text, *SMTP_SCHEMES)
        with suppress(ImproperlyConfigured):
            described: dict[str, Any] = environ.Env.email_url_config(text)
            if url.scheme in SMTP_SCHEMES:
                described["EMAIL_BACKEND"] = "shop.outbound.mail_backend.EmailBackend"
            return described
        raise ValueError(text)

    wanted = "a mail URL such as smtp+tls://user:password@host:587"
    return Kind(wanted, read, secret=True)


def _split_url(text: str, *schemes: str) -> SplitResult:
    """Return the parts of a URL. Raises ValueError, also for a wrong port."""
    url = urlsplit(text)
    require(url.scheme in schemes and bool(url.hostname))
    require(not re.search(r"\s", text) and url.port != 0)
    return url


def _origin(text: str) -> str:
    url = _split_url(text, "http", "https")
    require(HOST.fullmatch(url.hostname or "") is not None or ":" in str(url.hostname))
    require(text == f"{url.scheme}://{url.netloc}" and "@" not in url.netloc)
    return text
