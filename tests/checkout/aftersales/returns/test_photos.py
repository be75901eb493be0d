"""The photo with which a customer asks to return goods, and who sees it."""

import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django.fixtures import Settings

from checkout.aftersales.returns import services
from checkout.my_page import hooks
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, Return, ReturnPhoto
from shop import database_clock
from tests.support.returns import make_sent_order, register, wish
from tests.support.staff import make_staff
from tests.support.uploads import encoded

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    return make_sent_order()


def ask(client: Client, order: Order, content: bytes, **more: object) -> Any:
    """Ask to return one unit, with a file as a browser sends it."""
    data = {
        "uid": uuid.uuid4(),
        f"units_{order.lines.get().pk}": 1,
        "reason": "damaged",
        "photo": SimpleUploadedFile("mug.jpg", content, "image/jpeg"),
        **more,
    }
    return client.post(reverse("checkout:order_returns", args=[order.uid]), data)


def photo_page(returned: Return) -> str:
    return reverse("admin:orders_return_photo", args=[returned.pk])


def kept(order: Order) -> ReturnPhoto:
    """Have the customer ask with a photo; return what is kept of it."""
    returned = services.ask(order, wish(order, {"MUG-01": 1}, photo=encoded("WEBP")))
    return ReturnPhoto.objects.get(returned=returned)


def test_a_photo_is_encoded_anew_and_kept_out_of_the_public_folder(
    client: Client, order: Order, media_dir: Path
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells"
    upload = encoded("JPEG", (3000, 1500), exif=exif)

    assert ask(client, order, upload).status_code == 303

    content = bytes(ReturnPhoto.objects.get().content)
    image = Image.open(BytesIO(content))
    assert (image.format, image.size) == ("WEBP", (1280, 640))
    assert b"camera" not in content
    assert not [path for path in media_dir.rglob("*") if path.is_file()]
    page = client.get(reverse("checkout:order", args=[order.uid])).content.decode()
    assert "Our staff have your photo." in page


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", encoded()[:-60]]
)
def test_what_is_no_picture_is_refused_at_its_field(
    client: Client, order: Order, content: bytes
) -> None:
    answer = ask(client, order, content)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"photo"}
    assert not Return.objects.exists()


def test_a_form_that_is_wrong_anyway_says_so_and_a_photo_is_optional(
    client: Client, order: Order
) -> None:
    wrong = ask(client, order, b"no picture", reason="")
    assert set(wrong.context["form"].errors) == {"reason"}

    assert ask(client, order, b"", photo="").status_code == 303
    assert not ReturnPhoto.objects.exists()


@pytest.mark.parametrize("why", ["too late", "no items"])
def test_no_photo_is_decoded_for_what_cannot_be_asked(
    client: Client, order: Order, settings: Settings, why: str
) -> None:
    broken = encoded()[:-60]
    if why == "too late":
        settings.RETURN_DAYS = 0
        assert ask(client, order, broken).status_code == 303
        return
    answer = ask(client, order, broken, **{f"units_{order.lines.get().pk}": ""})
    assert set(answer.context["form"].errors) == {"__all__"}


def test_only_staff_who_may_see_the_return_see_its_photo(
    client: Client, order: Order
) -> None:
    photo = kept(order)
    page = photo_page(photo.returned)
    change = reverse("admin:orders_return_change", args=[photo.returned_id])

    assert client.get(page).status_code == 302
    client.force_login(make_staff("view_order", name="soto"))
    assert client.get(page).status_code == 403
    client.force_login(make_staff("handle_return"))
    assert f'src="{page}"' in client.get(change).content.decode()
    answer = client.get(page)
    assert answer.content == bytes(photo.content)
    assert answer["Content-Type"] == "image/webp"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(photo_page(register(order))).status_code == 404


@pytest.mark.parametrize(
    ("days", "kept_for", "left"), [(91, 90, 0), (89, 90, 1), (91, 0, 1)]
)
def test_a_photo_is_removed_some_days_after_its_return_ended(
    order: Order, settings: Settings, days: int, kept_for: int, left: int
) -> None:
    settings.RETURN_PHOTO_DAYS = kept_for
    photo, now = kept(order), database_clock.read()
    assert services.forget_photos(now + timedelta(days=999)) == 0
    services.withdraw(photo.returned, "yuki")
    Return.objects.update(closed_at=now - timedelta(days=days))

    assert services.forget_photos(now) == 1 - left

    assert ReturnPhoto.objects.count() == left
    assert Return.objects.count() == 1


def test_a_photo_goes_with_the_account_once_its_return_has_ended(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(customer_id=7)
    ended, open_ = kept(order), kept(order)
    services.withdraw(ended.returned, "yuki")

    hooks.erase(7, "hanako@customer.example")

    assert list(ReturnPhoto.objects.all()) == [open_]
    assert Order.objects.get(pk=order.pk).customer_id is None
