"""A campaign sets sale prices, ends them, and undoes them as one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from flows.price_campaign.definition import FLOW
from flows.price_campaign.models import PriceCampaign
from flows.price_campaign.steps import _reduce
from flows.services import start_flow
from saga.errors import Retry
from saga.models import Saga, State
from saga.operations import cancel
from shop.catalogue.models import PriceChange, Variant
from tests.conftest import Clock
from tests.flows.runs import go_on, started
from tests.support.catalogue import make_product

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR = timedelta(hours=1)


def begin(percent: int = 10) -> tuple[PriceCampaign, Saga]:
    """Start a campaign on mug and cap, from in one hour to in two."""
    now = timezone.now()
    campaign = PriceCampaign.objects.create(
        name="Spring",
        percent=percent,
        begins_at=now + HOUR,
        ends_at=now + 2 * HOUR,
        started_by="yuki",
    )
    mug = make_product("mug", skus=("MUG-01", "MUG-02"), price_minor=1805)
    cap = make_product("cap", skus=("CAP-01",), price_minor=2000)
    campaign.products.add(mug)
    campaign.categories.add(cap.category)
    return campaign, started(start_flow(FLOW, str(campaign.pk))[0])


def price() -> dict[str, int]:
    rows = Variant.objects.priced().order_by("sku")
    return {variant.sku: variant.price.minor for variant in rows}


REGULAR = {"CAP-01": 2000, "MUG-01": 1805, "MUG-02": 1805}
REDUCED = {"CAP-01": 1800, "MUG-01": 1624, "MUG-02": 1624}


def test_prices_count_from_its_beginning_to_its_end(clock: Clock) -> None:
    campaign, saga = begin()
    assert (saga.state, saga.step) == (State.WAITING, "await_beginning")
    assert price() == REGULAR
    clock.shift(HOUR)
    assert price() == REDUCED
    go_on(clock, rounds=1)
    saga.refresh_from_db()
    assert saga.step == "await_end"
    clock.shift(HOUR)
    assert price() == REGULAR
    go_on(clock, rounds=1)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert not Variant.objects.filter(sale_minor__isnull=False).exists()
    assert campaign.prices.count() == 3
    assert PriceChange.objects.filter(actor="yuki").count() == 6


@pytest.mark.parametrize("hours", [0, 1.5])
def test_cancelled_it_takes_the_prices_back(clock: Clock, hours: float) -> None:
    _campaign, saga = begin()
    clock.shift(hours * HOUR)
    go_on(clock, rounds=1)
    saga.refresh_from_db()
    cancel(saga, "ken", "wrong products")
    go_on(clock)

    saga.refresh_from_db()
    assert saga.state == State.COMPENSATED
    assert price() == REGULAR
    assert not Variant.objects.filter(sale_minor__isnull=False).exists()


def test_what_staff_changed_since_stays(clock: Clock) -> None:
    _campaign, saga = begin()
    Variant.objects.filter(sku="MUG-01").update(sale_minor=1000)
    cancel(saga, "ken", "not now")
    go_on(clock)
    left = Variant.objects.filter(sale_minor__isnull=False).values_list(
        "sku", flat=True
    )
    assert list(left) == ["MUG-01"]


def test_goods_with_another_sale_are_refused_and_nothing_is_changed(
    clock: Clock,
) -> None:
    make_product("tea", skus=("TEA-01",), price_minor=900)
    Variant.objects.update(sale_minor=500)
    _campaign, saga = begin()
    assert saga.state == State.COMPENSATED
    assert saga.reason == "other sale"
    assert "TEA-01" in saga.attempts.get(outcome="refused").error
    assert Variant.objects.filter(sale_minor__isnull=False).count() == 1


def test_a_campaign_of_nothing_is_refused(clock: Clock) -> None:
    now = timezone.now()
    campaign = PriceCampaign.objects.create(
        name="Empty", percent=5, begins_at=now, ends_at=now + HOUR, started_by="yuki"
    )
    saga = started(start_flow(FLOW, str(campaign.pk))[0])
    assert (saga.state, saga.reason) == (State.COMPENSATED, "nothing chosen")


def test_a_sale_that_was_set_meanwhile_is_not_overwritten(clock: Clock) -> None:
    campaign, saga = begin()
    cancel(saga, "ken", "later")
    go_on(clock)
    as_read = Variant.objects.get(sku="CAP-01")
    Variant.objects.filter(sku="CAP-01").update(sale_minor=1500)
    with pytest.raises(Retry, match="CAP-01"):
        _reduce(as_read, 1800, campaign)
    assert Variant.objects.get(sku="CAP-01").sale_minor == 1500
