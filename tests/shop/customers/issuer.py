"""A real OpenID Connect issuer in a process of its own, and a browser between."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

from tests.support.ports import free_port
from tests.support.waiting import wait_until

START = "/account/oidc/"
CALLBACK = "/account/oidc/callback/"


@dataclass(frozen=True)
class Issuer:
    url: str

    def knows(self, sub: str, **claims: object) -> None:
        """Let the issuer say this about a person."""
        put = requests.put(f"{self.url}/users/{sub}", json=claims, timeout=5)
        put.raise_for_status()

    def send_back(self, asked: str, sub: str) -> str:
        """Sign in at the issuer. Return the address to which it sends the browser."""
        answer = requests.post(
            asked, data={"sub": sub}, allow_redirects=False, timeout=5
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in(self, client: Client, sub: str, **query: str) -> Any:
        """Walk to the issuer and back. Return the shop's answer."""
        asked = client.get(START, query)["Location"]
        assert asked.startswith(self.url), asked
        return client.get(to_shop(self.send_back(asked, sub)))


def to_shop(address: str) -> str:
    return address[address.index("/account/") :]


def sent(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--require-nonce", "true"],
        env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _answers(url) or None, "the issuer answers")
            yield Issuer(url)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/jwks", timeout=1).ok
    except requests.ConnectionError:
        return False
