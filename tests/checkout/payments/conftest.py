"""The gateway on the sandbox's real process, over HTTP with Stripe's own SDK."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from checkout.payments.stripe.gateway import StripeGateway
from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="package")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_sandbox(tmp_path_factory.mktemp("stripe")) as url:
        yield url


@pytest.fixture
def sandbox(process: str) -> Sandbox:
    sandbox = Sandbox(process)
    sandbox.post("reset")
    return sandbox


@pytest.fixture
def gateway(sandbox: Sandbox, settings: Settings) -> StripeGateway:
    settings.STRIPE_API_BASE = sandbox.url
    settings.STRIPE_TIMEOUT = 1.0
    return StripeGateway()
