"""The tutorial lists the webhook events that the shop needs, by Stripe's names."""

import re
from pathlib import Path

import stripe
from django.conf import settings

from checkout.aftersales import payment_sync
from sandboxes.stripe import __name__ as sandbox

ROOT = Path(settings.BASE_DIR)
TUTORIAL = ROOT / "docs" / "tutorial" / "your-shop.md"
NAMES = re.compile(r"`((?:payment_intent|charge|refund|checkout)\.[a-z_.]+)`")
# What the stand-in reports besides, and the shop has no use for.
UNUSED = {"payment_intent.created", "charge.failed"}


def listed() -> set[str]:
    return set(NAMES.findall(TUTORIAL.read_text(encoding="utf-8")))


def test_stripe_has_each_of_them() -> None:
    package = Path(stripe.__file__).parent
    known = (package / "params" / "_webhook_endpoint_create_params.py").read_text()

    assert len(listed()) > 15
    assert [name for name in listed() if f'"{name}"' not in known] == []


def test_what_the_shop_acts_on_is_listed() -> None:
    assert set(payment_sync._SAYS) <= listed()


def test_what_the_stand_in_reports_of_payments_is_listed() -> None:
    sources = (ROOT / sandbox.replace(".", "/")).glob("*.py")
    text = " ".join(path.read_text(encoding="utf-8") for path in sources)
    emitted = set(re.findall(r'emit\(\s*call, "([a-z_.]+)"', text))
    of_payments = {
        n
        for n in emitted
        if n.startswith(("payment_intent", "charge", "refund", "checkout"))
    }

    assert of_payments
    assert of_payments - UNUSED <= listed()
