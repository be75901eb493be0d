"""The kinds of values that a setting can have, each with its range.

The settings use this module, so it must not read them.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shop.configuration.currencies import CURRENCIES
from shop.text.invoice_number import is_invoice_number

TRUTHS = frozenset({"true", "on", "ok", "y", "yes", "1"})
FALSEHOODS = frozenset({"false", "off", "n", "no", "0", ""})
# As Django asks of it in its check security.W009.
KEY_LENGTH, KEY_CHARACTERS = 50, 5
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
HOST = re.compile(
    r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE
)


@dataclass(frozen=True)
class Kind:
    """What a setting's value must be.

    ``wanted`` completes the sentence "NAME=... is not". ``read`` turns the text into
    the value and raises ValueError if it has no meaning. ``secret`` values are not
    repeated in messages.
    """

    wanted: str
    read: Callable[[str], Any]
    secret: bool = False


def whole(low: int, high: int) -> Kind:
    def read(text: str) -> int:
        return int(_within(_matching(_WHOLE, text), low, high))

    return Kind(f"a whole number from {low} to {high}", read)


def number(low: float, high: float) -> Kind:
    def read(text: str) -> float:
        return float(_within(_matching(_NUMBER, text), low, high))

    return Kind(f"a number from {low:g} to {high:g}", read)


def switch() -> Kind:
    # Every other word may be a typing error: PRODUCTION=ture must not mean "off".
    def read(text: str) -> bool:
        word = text.lower()
        require(word in TRUTHS | FALSEHOODS)
        return word in TRUTHS

    return Kind("true or false", read)


def one_of(*words: str) -> Kind:
    def read(text: str) -> str:
        require(text in words)
        return text

    return Kind(listed(words), read)


def some_of(*words: str) -> Kind:
    def read(text: str) -> list[str]:
        chosen = split(text)
        require(bool(chosen) and set(chosen) <= set(words))
        return list(dict.fromkeys(chosen))

    return Kind(f"a list, separated by commas, of {listed(words)}", read)


def time_zone() -> Kind:
    def read(text: str) -> str:
        # The name of a folder of zones is an OSError.
        with suppress(KeyError, OSError):
            ZoneInfo(text)
            return text
        raise ValueError(text)

    return Kind("a time zone such as Asia/Tokyo", read)


def currency() -> Kind:
    def read(text: str) -> str:
        code = text.upper()
        require(code in CURRENCIES)
        return code

    return Kind("the ISO code of a currency in which Stripe charges, like JPY", read)


def path(*, optional: bool = False) -> Kind:
    def read(text: str) -> str:
        require((optional or bool(text)) and "\0" not in text)
        return text

    return Kind("a path", read)


def hosts() -> Kind:
    def read(text: str) -> list[str]:
        names = split(text)
        require(bool(names) and all(HOST.fullmatch(name) for name in names))
        return names

    return Kind(
        "a list, separated by commas, of host names without http:// and port", read
    )


def networks() -> Kind:
    def read(text: str) -> list[str]:
        # A wrong one, also one with bits behind its prefix, is a ValueError.
        return [str(ip_network(each)) for each in split(text)]

    return Kind(
        "a list, separated by commas, of networks such as 10.1.0.0/16 or fd00::/8", read
    )


def line(longest: int) -> Kind:
    def read(text: str) -> str:
        require(text.isprintable() and len(text) <= longest)
        return text

    return Kind(f"one line of at most {longest} characters", read)


def name(longest: int) -> Kind:
    def read(text: str) -> str:
        require(re.fullmatch(rf"[A-Za-z0-9._:-]{{1,{longest}}}", text) is not None)
        return text

    wanted = f"a name of at most {longest} letters, digits and . _ : - without spaces"
    return Kind(wanted, read)


def secret_line(longest: int) -> Kind:
    def read(text: str) -> str:
        require(text.isprintable() and len(text) <= longest and "://" not in text)
        return text

    wanted = f"a secret of at most {longest} characters, and no address"
    return Kind(wanted, read, secret=True)


def mail_address() -> Kind:
    def read(text: str) -> str:
        if text:
            _require_mail_address(text)
        return text

    return Kind("a mail address such as shop@example.com", read)


def invoice_number() -> Kind:
    def read(text: str) -> str:
        require(not text or is_invoice_number(text))
        return text

    return Kind("a registration number for invoices, T and 13 digits", read)


def mail_addresses() -> Kind:
    def read(text: str) -> list[str]:
        for each in split(text):
            _require_mail_address(each)
        return split(text)

    return Kind("a list, separated by commas, of mail addresses", read)


def sender() -> Kind:
    def read(text: str) -> str:
        require(text.isprintable())
        _require_mail_address(parseaddr(text)[1])
        return text

    return Kind(
        "a mail address such as shop@example.com or Shop <shop@example.com>", read
    )


def secret_key() -> Kind:
    def read(text: str) -> str:
        require(len(text) >= KEY_LENGTH and len(set(text)) >= KEY_CHARACTERS)
        return text

    example = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
    wanted = f"a random value of {KEY_LENGTH} or more characters, as from: {example}"
    return Kind(wanted, read, secret=True)


def secret_keys() -> Kind:
    one = secret_key()

    def read(text: str) -> list[str]:
        return [one.read(each) for each in split(text)]

    wanted = f"a list, separated by commas, of keys of {KEY_LENGTH} or more characters"
    return Kind(wanted, read, secret=True)


def stripe_key(*prefixes: str) -> Kind:
    def read(text: str) -> str:
        require(text.startswith(prefixes) and text not in prefixes)
        require(text.isascii() and text.isprintable() and " " not in text)
        return text

    wanted = f"a key of your Stripe account, which begins with {listed(prefixes)}"
    return Kind(wanted, read, secret=True)


def webhook_secrets() -> Kind:
    one = stripe_key("whsec_")

    def read(text: str) -> list[str]:
        return [one.read(each) for each in split(text)]

    wanted = "a signing secret of Stripe, which begins with whsec_, or two of them"
    return Kind(wanted, read, secret=True)


def standard_webhook_secrets() -> Kind:
    """Secrets of Standard Webhooks: 24 to 64 bytes, which a lost letter changes."""
    shortest, longest = 24, 64

    def read_one(text: str) -> str:
        prefix, code = text[:6], text[6:]
        require(prefix == "whsec_" and code.isascii())
        # A wrong letter is a ValueError.
        require(shortest <= len(b64decode(code, validate=True)) <= longest)
        return text

    def read(text: str) -> list[str]:
        return [read_one(each) for each in split(text)]

    made = "print('whsec_' + base64.b64encode(secrets.token_bytes(32)).decode())"
    example = f'python -c "import base64, secrets; {made}"'
    wanted = (
        "a secret of Standard Webhooks (whsec_ and 24 to 64 bytes as base64), or two "
        f"of them, as from: {example}"
    )
    return Kind(wanted, read, secret=True)


def split(text: str) -> list[str]:
    """Return the parts of a list, without the empty ones."""
    return [part.strip() for part in text.split(",") if part.strip()]


def listed(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def require(condition: bool) -> None:
    """Raise ValueError unless the condition holds."""
    if not condition:
        raise ValueError


def _matching(pattern: re.Pattern[str], text: str) -> str:
    require(pattern.fullmatch(text) is not None)
    return text


def _within(text: str, low: float, high: float) -> str:
    require(low <= float(text) <= high)
    return text


def _require_mail_address(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(text) from error
