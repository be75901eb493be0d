"""A short turn of the fuzz on the real processes, on both databases."""

import pytest

from tests.fuzz import corpus
from tests.fuzz.driven_shop import DrivenShop
from tests.fuzz.explore import explore
from tests.fuzz.inputs import STAFF, WEBHOOK, Input
from tests.support.live import LiveStack

SEED = 1
REPLAYED = 60
SENT = 120
INDEX = "GET admin/ ()"
# Forms that only goods, orders and a cart bring up.
FORMS = ("/refund/", "/ship/", "/do/", "product/add/", "confirmation/")


@pytest.mark.both_databases
def test_no_request_breaks_the_shop(live_stack: LiveStack) -> None:
    shop = DrivenShop(live_stack)
    shop.prepare()
    assert_everybody_gets_in(shop)

    findings = explore(shop, corpus.choose(REPLAYED, SEED), count=SENT, start=SEED)

    assert findings.sent >= SENT
    assert len(findings.reached) > SENT / 4
    assert not findings.faults, "\n".join(
        f"{kind}\n{smallest.line()}\n{details}"
        for kind, (smallest, details) in findings.faults.items()
    )


def assert_everybody_gets_in(shop: DrivenShop) -> None:
    """Without sessions, a cart and the webhook's secret little would be reached."""
    forms = " ".join(key for key, target in shop.targets.items() if target.fields)
    assert all(form in forms for form in FORMS), forms
    for role in set(STAFF) - {"visitor"}:
        assert shop.send(Input(role, INDEX, ())).status == 200
    assert shop.send(Input("visitor", INDEX, ())).status == 302
    (cart,) = (key for key in shop.targets if key.startswith("GET cart/ "))
    assert 'name="quantity"' in shop.send(Input("customer", cart, ())).text
    assert shop.send(Input("visitor", WEBHOOK, ())).status == 200
