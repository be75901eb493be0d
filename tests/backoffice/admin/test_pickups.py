"""Pick-ups at the packing desk and on the order's page."""

import pytest
from django.test import Client
from django.urls import reverse

from checkout.aftersales import dispatch
from checkout.mail.models import OrderMail
from orders.models import Order, OrderChange, Parcel, Shipment
from tests.backoffice.answers import text_of
from tests.support.pickups import make_pickup_order
from tests.support.refunding import make_charged_order
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]
LIST = "admin:backoffice_ordertoship_changelist"
BATCH = "admin:backoffice_ordertoship_batch"
SCAN = "admin:backoffice_ordertoship_scan"


@pytest.fixture
def packer(client: Client) -> Client:
    client.force_login(make_staff("view_order", "ship_order", "correct_order"))
    return client


def desk(client: Client, state: str) -> str:
    return text_of(client.get(reverse(LIST), {"state": state}))


def order_page(name: str, order: Order) -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def test_the_desk_lists_pick_ups_apart(packer: Client) -> None:
    sent, order = make_charged_order({"TEA-01": 1}), make_pickup_order()

    assert order.number not in desk(packer, "ready")
    page = desk(packer, "pickup")
    assert order.number in page
    assert sent.number not in page
    assert "Pick-up: <strong>Minato</strong>" in page
    assert "Labels" not in page

    posted = {"order": [order.number], "do": "ready"}
    page = text_of(packer.post(reverse(BATCH), posted, follow=True))

    assert "1 order is ready to be picked up. Its customer gets a mail." in page
    assert order_page("ship", order) in page
    assert order.number not in desk(packer, "pickup")
    assert OrderMail.objects.filter(kind="pickup_ready").count() == 1


def test_what_is_sent_is_not_made_ready(packer: Client) -> None:
    order = make_charged_order({"MUG-01": 1})

    posted = {"order": [order.number], "do": "ready"}
    page = text_of(packer.post(reverse(BATCH), posted, follow=True))

    assert f"{order.number} cannot be shipped" in page
    assert Shipment.objects.get().pickup_ready_at is None


def test_a_scanned_label_does_not_send_a_pick_up(packer: Client) -> None:
    order = make_pickup_order()
    packer.post(reverse(SCAN), {"code": order.number, "carrier": "yamato"})
    page = text_of(packer.get(reverse(SCAN), {"order": order.number}))
    assert "Ready for pick-up" in page

    scan = {"code": "123456789012", "carrier": "yamato", "current": order.number}
    page = text_of(packer.post(reverse(SCAN), scan, follow=True))

    assert "It has no label: hand it over to its customer." in page
    assert not Parcel.objects.exists()


@pytest.mark.parametrize("carrier", ["yamato", "sagawa"])
def test_a_pick_up_has_no_label(packer: Client, carrier: str) -> None:
    sent, order = make_charged_order({"TEA-01": 1}), make_pickup_order()
    labels = reverse("admin:backoffice_ordertoship_labels", args=[carrier])

    answer = packer.get(labels, {"order": [sent.number, order.number]})

    assert sent.number in answer.content.decode("cp932")
    assert order.number not in answer.content.decode("cp932")
    assert packer.get(labels, {"order": order.number}).status_code == 422


def test_the_order_s_page_leads_to_ready_and_to_the_hand_over(packer: Client) -> None:
    order = make_pickup_order()
    page = text_of(packer.get(order_page("change", order)))
    assert order_page("ready", order) in page
    assert "Mark as shipped" not in page

    asked = text_of(packer.get(order_page("ready", order)))
    assert "It lies ready at Minato." in asked
    assert order.email in asked
    assert Shipment.objects.get().pickup_ready_at is None
    said = text_of(packer.post(order_page("ready", order), follow=True))
    assert f"{order.number} is ready to be picked up." in said
    assert order_page("ready", order) not in said
    again = text_of(packer.post(order_page("ready", order), follow=True))
    assert "was ready before; nothing changed." in again

    asked = text_of(packer.get(order_page("ship", order)))
    assert "Compare the order number and the name" in asked
    assert "Tracking number" not in asked
    said = text_of(packer.post(order_page("ship", order), follow=True))

    assert f"{order.number} is handed over." in said
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert "Handed over" in said


def test_who_may_not_ship_hands_nothing_over(client: Client) -> None:
    client.force_login(make_staff("view_order", name="miru"))
    order = make_pickup_order()

    for name in ("ready", "ship"):
        assert client.get(order_page(name, order)).status_code == 403
        assert client.post(order_page(name, order)).status_code == 403
    assert order_page("ready", order) not in text_of(
        client.get(order_page("change", order))
    )
    assert not Parcel.objects.exists()


def test_of_a_pick_up_the_name_is_corrected_without_an_address(packer: Client) -> None:
    order = make_pickup_order()
    page = order_page("recipient", order)
    form = packer.get(page).context["form"]
    assert {"email", "name", "phone", "uid", "seen", "reason"} <= set(form.fields)
    address = {"postcode", "prefecture", "city", "street", "building"}
    assert not address & set(form.fields)
    data = {
        "email": order.email,
        "name": "Taro Minato",
        "phone": order.phone,
        "uid": str(form["uid"].value()),
        "seen": form["seen"].value(),
        "reason": "The customer called",
    }

    preview = packer.post(page, data)
    packer.post(page, data | {"agreed": preview.context["agreed"]})

    order.refresh_from_db()
    assert (order.name, order.street) == ("Taro Minato", "")
    assert OrderChange.objects.get().after == {"name": "Taro Minato"}


def test_staff_read_what_the_customer_s_page_says(packer: Client) -> None:
    order = make_pickup_order()
    dispatch.make_ready(order, "yuki")

    page = text_of(packer.get(order_page("change", order)))

    assert "Lies ready:" in page
    assert "ready to be picked up" in page
