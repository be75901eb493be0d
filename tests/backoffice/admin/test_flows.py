"""Staff start flows, see where they stand, decide, resume and undo them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout.payments.fake.gateway import FakeGateway
from flows.daily_close.models import DailyClose
from flows.goods_sheet.sheet import read
from flows.price_campaign.models import PriceCampaign
from flows.product_import.models import ImportLine
from flows.product_import.services import take_in
from saga.engine import run
from saga.models import Saga, State
from tests.backoffice.answers import messages, text_of
from tests.checkout.accounting.ledgers import charged
from tests.conftest import Clock
from tests.flows.runs import go_on
from tests.support.catalogue import make_product
from tests.support.commands import call, refused
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db

FLOWS = "/admin/backoffice/flow/"
CLOSER = ("view_flow", "export_accounts", "explain_mismatch")


def start(client: Client, about: str = "2026-03-02") -> Saga:
    client.post(f"{FLOWS}start/daily_close/", {"about": about})
    saga = Saga.objects.get()
    run(saga.pk)
    saga.refresh_from_db()
    return saga


def press(client: Client, saga: Saga, button: str) -> list[str]:
    address = f"{FLOWS}{saga.pk}/do/{button}/"
    asked = client.get(address, follow=True)
    if asked.redirect_chain:
        return messages(asked)
    form = {"reason": "looked at it", "seen": str(saga.fence)}
    return messages(client.post(address, form, follow=True))


def test_a_day_is_closed_from_the_console(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    charged()
    client.force_login(make_staff(*CLOSER))
    assert "Daily close" in text_of(client.get(f"{FLOWS}start/daily_close/"))
    saga = start(client)

    page = text_of(client.get(f"{FLOWS}{saga.pk}/change/"))
    assert "figures and the account differ. Accept the differences?" in page
    assert "Accept the differences" in page
    day = reverse("admin:flows_dailyclose_change", args=[DailyClose.objects.get().pk])
    assert day in client.get(f"{FLOWS}{saga.pk}/change/").content.decode()
    client.force_login(make_staff("view_dailyclose", name="books"))
    named = DailyClose.objects.get().differences
    assert f"<li>{named[0]}</li>" in client.get(day).content.decode()
    client.force_login(make_staff(*CLOSER, name="ken"))
    assert press(client, saga, "approve") == ["Approved."]
    go_on(clock)
    saga.refresh_from_db()
    assert saga.step == "await_payout"
    listed = text_of(client.get(FLOWS))
    assert "Daily close" in listed
    assert "Wait for the payout" in listed


def test_a_flow_says_what_to_search_the_log_for(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    client.force_login(make_staff(*CLOSER))
    saga = start(client)
    Saga.objects.update(request_id="0a" * 16)

    html = client.get(f"{FLOWS}{saga.pk}/change/").content.decode()

    assert f"In the log, request_id: <code>{'0a' * 16}</code>" in html


def test_a_day_is_started_once(client: Client, gateway: FakeGateway) -> None:
    client.force_login(make_staff(*CLOSER))
    start(client)
    again = client.post(
        f"{FLOWS}start/daily_close/", {"about": "2026-03-02"}, follow=True
    )
    assert messages(again)[-1] == "It was started before. This is it."
    wrong = client.post(f"{FLOWS}start/daily_close/", {"about": "soon"})
    assert wrong.status_code == 422
    assert "Write the day as 2026-11-30." in text_of(wrong)
    assert Saga.objects.count() == 1


def test_cancelling_shows_what_is_undone_and_asks_why(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    charged()
    client.force_login(make_staff(*CLOSER))
    saga = start(client)
    asked = text_of(client.get(f"{FLOWS}{saga.pk}/do/cancel/"))
    assert "Will be undone: Add up the day" in asked
    address = f"{FLOWS}{saga.pk}/do/cancel/"
    assert client.post(address, {"reason": "", "seen": "1"}).status_code == 422
    assert press(client, saga, "cancel") == ["It is being undone."]
    go_on(clock)
    assert not DailyClose.objects.exists()
    assert press(client, saga, "resume") == ["That is not possible now."]


def test_who_lacks_the_permission_only_looks(
    client: Client, gateway: FakeGateway
) -> None:
    charged()
    client.force_login(make_staff(*CLOSER, name="ken"))
    saga = start(client)
    client.force_login(make_staff("view_flow", name="guest"))
    page = client.get(f"{FLOWS}{saga.pk}/change/")
    assert page.status_code == 200
    assert "What you can do" not in text_of(page)
    assert press(client, saga, "approve") == ["That is not possible now."]
    assert client.get(f"{FLOWS}start/daily_close/").status_code == 403
    assert client.get(f"{FLOWS}start/no_such/").status_code == 404
    client.force_login(make_staff(name="nobody"))
    assert client.get(f"{FLOWS}{saga.pk}/change/").status_code == 403


def test_an_order_is_no_flow(client: Client) -> None:
    client.force_login(make_staff("view_flow"))
    for key in ("1", "x", "9" * 30):
        assert client.get(f"{FLOWS}{key}/change/").status_code == 404


def test_entering_a_campaign_starts_it(client: Client, clock: Clock) -> None:
    mug = make_product()
    client.force_login(
        make_staff(
            *("add_pricecampaign", "view_pricecampaign"),
            *("view_campaignprice", "change_product"),
        )
    )
    now = timezone.localtime()
    form = {
        "name": "Spring",
        "percent": "10",
        "begins_at_0": f"{now:%Y-%m-%d}",
        "begins_at_1": "23:00:00",
        "ends_at_0": f"{now.year + 1}-01-01",
        "ends_at_1": "00:00:00",
        "products": [mug.pk],
    }
    address = reverse("admin:flows_pricecampaign_add")
    assert client.post(address, form).status_code == 302
    campaign = PriceCampaign.objects.get()
    saga = Saga.objects.get()
    assert (saga.reference, campaign.started_by) == (str(campaign.pk), "yuki")
    go_on(clock, rounds=1)
    assert campaign.prices.get().sale_minor == 1620
    page = client.get(reverse("admin:flows_pricecampaign_change", args=[campaign.pk]))
    assert "MUG-01" in text_of(page)
    assert "¥1,620" in text_of(page)
    wrong = client.post(address, form | {"percent": "99", "ends_at_0": "2020-01-01"})
    assert "It must end after it begins." in text_of(wrong)


def test_a_flow_whose_item_stopped_is_one_that_needs_staff(client: Client) -> None:
    text = "sku,price\nMUG-01,1500\nMUG-02,1600\n"
    take_in(read(text), "goods.csv", "yuki", "en")
    flow = Saga.objects.get()
    run(flow.pk, "flows.run")
    now = timezone.now()
    stopped = {"state": State.FAILED, "failed_at": now, "alert_wanted_at": now}
    assert Saga.objects.filter(parent=flow).update(**stopped) == 2
    client.force_login(make_staff("view_flow"))
    assert "Flows that wait for staff: 1" in text_of(client.get("/admin/"))
    page = reverse("admin:backoffice_flow_change", args=[flow.pk])
    listed = client.get(f"{FLOWS}?state=attention").content.decode()
    assert page.removesuffix("change/") in listed
    done = client.get(f"{FLOWS}?state=done").content.decode()
    assert page.removesuffix("change/") not in done


def test_a_page_shows_the_first_of_thousands_of_wrong_lines(client: Client) -> None:
    source = take_in([], "goods.csv", "yuki", "en")
    other = take_in([], "other.csv", "yuki", "en")
    for each in (other, source):
        ImportLine.objects.bulk_create(
            ImportLine(source=each, number=n, row=n, cells={}, error=f"wrong {n}.")
            for n in range(150)
        )
    client.force_login(make_staff("view_productimport", "view_importline"))
    address = reverse("admin:flows_productimport_change", args=[source.pk])
    page = text_of(client.get(address))
    assert "wrong 99." in page
    assert "wrong 100." not in page


def test_the_command_starts_and_lists(gateway: FakeGateway, clock: Clock) -> None:
    assert "daily_close:" in call("flow_start")
    started = call("flow_start", "daily_close", "2026-03-02")
    assert "Started: daily_close 2026-03-02" in started
    for words, code in (
        (["daily_close", "2026-03-02"], 1),
        (["price_campaign", "1"], 2),
        (["daily_close", "soon"], 2),
    ):
        assert refused("flow_start", *words)[0] == code
    assert Saga.objects.get().state == State.RUNNING
