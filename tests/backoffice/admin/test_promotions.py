"""The staff's pages of discounts, coupon codes and purchase limits."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from backoffice.roles import make_groups
from checkout.promotions.batches import make_codes
from checkout.promotions.models import CouponCode, Discount, PurchaseLimit
from shop.catalogue.models import Product
from tests.support.ordering import place
from tests.support.orders import make_cart
from tests.support.promotions import make_code, make_discount, with_coupon

pytestmark = pytest.mark.django_db
DISCOUNTS = "/admin/checkout/discount/"
CODES = "/admin/checkout/couponcode/"
FORM = {
    "name_en": "Summer sale",
    "name_ja": "夏のセール",
    "by_code": "on",
    "kind": "percentage",
    "percent": "15",
    "amount_minor": "",
    "least_minor": "0",
    "most_per_customer": "",
    "starts_at_0": "2026-01-01",
    "starts_at_1": "00:00",
    "ends_at_0": "",
    "ends_at_1": "",
}


def test_staff_add_a_discount(admin_client: Client) -> None:
    answer = admin_client.post(f"{DISCOUNTS}add/", FORM)

    assert answer.status_code == 302, answer.content.decode()
    row = Discount.objects.get()
    assert (row.percent, row.amount_minor, row.by_code) == (15, None, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"percent": ""}, "Enter how much it takes off."),
        ({"kind": "amount"}, "Enter how much it takes off."),
        ({"ends_at_0": "2025-12-31", "ends_at_1": "00:00"}, "after the start"),
    ],
)
def test_what_a_discount_lacks_is_said(
    admin_client: Client, changes: dict[str, str], words: str
) -> None:
    page = admin_client.post(f"{DISCOUNTS}add/", FORM | changes).content.decode()

    assert words in page
    assert not Discount.objects.exists()


def test_the_list_shows_how_much_a_discount_is_used(admin_client: Client) -> None:
    place(with_coupon(make_cart(), make_code(most=10)))

    discounts = admin_client.get(DISCOUNTS).content.decode()
    codes = admin_client.get(CODES).content.decode()

    assert 'class="field-use_count">1</td>' in discounts
    assert 'class="field-saved">¥180</td>' in discounts
    assert "1 of 10" in codes


@pytest.mark.parametrize(
    ("code", "most", "words"),
    [
        ("welcome", "", "There is such a code already"),
        ("Ｗｅｌ－Ｃｏｍｅ", "", "There is such a code already"),  # noqa: RUF001
        ("A B", "", "Use letters, digits and single hyphens"),
    ],
)
def test_a_code_is_refused_with_words(
    admin_client: Client, code: str, most: str, words: str
) -> None:
    discount = make_code().discount
    form = {"code": code, "discount": discount.pk, "most": most}

    assert words in admin_client.post(f"{CODES}add/", form).content.decode()
    assert CouponCode.objects.count() == 1


def test_a_change_of_a_code_leaves_its_uses_alone(admin_client: Client) -> None:
    code = make_code(most=5)
    CouponCode.objects.update(used=3)
    form = {"code": "Spring", "discount": code.discount_id, "most": "4"}

    below = admin_client.post(f"{CODES}{code.pk}/change/", form | {"most": "2"})
    assert "It was used 3 times already." in below.content.decode()
    admin_client.post(f"{CODES}{code.pk}/change/", form)

    code.refresh_from_db()
    assert (code.code, code.key, code.most, code.used) == ("SPRING", "spring", 4, 3)


def test_one_code_is_paused_from_the_list(admin_client: Client) -> None:
    first, second = make_code("FIRST"), make_code("SECOND")

    admin_client.post(CODES, {"action": "pause", "_selected_action": [first.pk]})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_paused, second.is_paused) == (True, False)


def test_single_use_codes_are_made_and_downloaded(admin_client: Client) -> None:
    discount = make_discount()
    page = reverse("admin:checkout_discount_batch", args=[discount.pk])
    assert admin_client.get(page).status_code == 200

    admin_client.post(page, {"count": "40", "begin": "summer"})

    rows = CouponCode.objects.filter(discount=discount, most=1)
    assert rows.count() == 40
    answer = admin_client.get(
        reverse("admin:checkout_discount_csv", args=[discount.pk])
    )
    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 41
    assert lines[1].startswith(f"{rows.order_by('pk')[0].code},1,0,,")
    assert lines[1].startswith("SUMMER-")


def test_too_many_codes_at_once_are_refused(admin_client: Client) -> None:
    page = reverse("admin:checkout_discount_batch", args=[make_discount().pk])

    assert admin_client.post(page, {"count": "10001"}).status_code == 422
    assert not CouponCode.objects.exists()


def test_a_drawn_code_is_unlike_all_others() -> None:
    discount = make_discount()

    assert make_codes(discount, 700, "", "batch") == 700
    assert CouponCode.objects.values("key").distinct().count() == 700


def test_staff_limit_a_product(admin_client: Client, mug: Product) -> None:
    form = {"product": mug.pk, "most": "2", "days": "30"}

    admin_client.post("/admin/checkout/purchaselimit/add/", form)

    assert PurchaseLimit.objects.get().most == 2
    page = admin_client.get("/admin/checkout/purchaselimit/").content.decode()
    assert "the last 30 days" in page


def test_who_may_only_look_can_change_nothing(client: Client) -> None:
    make_groups()
    code = make_code()
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(viewer)
    batch = reverse("admin:checkout_discount_batch", args=[code.discount_id])

    assert client.get(DISCOUNTS).status_code == 200
    assert client.get(f"{DISCOUNTS}add/").status_code == 403
    assert client.post(batch, {"count": "5"}).status_code == 403
    client.post(CODES, {"action": "pause", "_selected_action": [code.pk]})
    code.refresh_from_db()
    assert not code.is_paused
