"""URLs that people type and the shop is to call: what they may be, and their parts."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 500  # characters
_NOT_A_URL = re.compile(r"[^\x21-\x7e]|[\\<>\"{}|^`]")


class Fault(StrEnum):
    """Why a URL can never be called."""

    LENGTH = f"the URL is longer than {LONGEST_URL} characters"
    SCHEME = "the URL must begin with https://"
    CREDENTIALS = "the URL must not hold a user's name or password"
    FRAGMENT = "the URL must not hold a # and what follows it"
    PORT = "the port is no number from 1 to 65535"
    FORM = "the URL names no host, or holds what has to be written as %XX"


class WrongUrl(ValueError):
    """The URL can never be called."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True)
class Url:
    """The parts of a URL that may be called, in ASCII."""

    scheme: str
    host: str
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        """Return host and port as the header Host has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return name if self.port == usual else f"{name}:{self.port}"


def read_url(text: str, *, plain: bool = False) -> Url:
    """Return the parts of a URL. ``plain``: http:// is good enough. Raises WrongUrl."""
    if len(text) > LONGEST_URL:
        raise WrongUrl(Fault.LENGTH)
    parts = _split(text)
    if parts.scheme not in ({"https", "http"} if plain else {"https"}):
        raise WrongUrl(Fault.SCHEME)
    if "@" in parts.netloc:
        raise WrongUrl(Fault.CREDENTIALS)
    if parts.fragment or text.endswith("#"):
        raise WrongUrl(Fault.FRAGMENT)
    host, port = _host_of(parts)
    usual = 443 if parts.scheme == "https" else 80
    query = f"?{parts.query}" if parts.query else ""
    return Url(parts.scheme, host, port or usual, f"{parts.path or '/'}{query}")


def _split(text: str) -> SplitResult:
    try:
        # A host in other letters than ASCII is possible, everything else is not.
        parts = urlsplit(text)
        netloc = parts.netloc.encode("idna").decode() if parts.netloc else ""
    except ValueError as error:
        raise WrongUrl(Fault.FORM) from error
    if _NOT_A_URL.search(text.replace(parts.netloc, netloc, 1)):
        raise WrongUrl(Fault.FORM)
    return parts._replace(netloc=netloc)


def _host_of(parts: SplitResult) -> tuple[str, int | None]:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise WrongUrl(Fault.PORT) from error
    if not host or port == 0 or "%" in host:
        raise WrongUrl(Fault.FORM)
    return host, port
