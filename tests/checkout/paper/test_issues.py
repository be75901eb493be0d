"""Receipts, invoices and credit notes: issued once, then as copies."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from checkout.paper.bills import make_bill
from checkout.paper.errors import NothingPaid, NotIssuable, NotRefunded, NotRegistered
from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from checkout.paper.selectors import offers_of
from checkout.paper.services import issue, issue_copy
from orders.models import Order, Payment, Refund
from shop.database_clock import Now
from shop.profile.models import ShopProfile
from tests.orders.test_rates import make_mixed, make_refund
from tests.support.orders import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
RECEIPT, INVOICE, CREDIT = PaperKind.RECEIPT, PaperKind.INVOICE, PaperKind.CREDIT_NOTE


@pytest.fixture
def registered() -> ShopProfile:
    return ShopProfile.objects.create(
        pk=1,
        name_ja="株式会社みなと",
        name_en="Minato K.K.",
        address_ja="東京都港区",
        address_en="Tokyo",
        invoice_number="T7000012050002",
    )


def test_an_invoice_says_all_that_it_must(registered: ShopProfile) -> None:
    order = make_mixed()
    paper = issue(order, INVOICE, "株式会社テレビ")

    bill = make_bill(paper, "ja")

    assert bill.title == "適格請求書"
    assert bill.addressee == ("株式会社テレビ 様",)
    assert bill.seller[0] == "株式会社みなと"
    assert "登録番号：T7000012050002" in bill.seller  # noqa: RUF001
    assert [line.name for line in bill.lines] == ["Article MUG-01", "Article TEA-01 ※"]
    assert [fact.value for fact in bill.taxes] == [
        "￥4,200（うち消費税￥382）",  # noqa: RUF001
        "￥1,800（うち消費税￥133）",  # noqa: RUF001
    ]
    assert bill.amounts[-1].value == "￥6,000"
    assert any("軽減税率" in str(note) for note in bill.notes)
    assert bill.number == f"{order.number}-I"
    assert bill.stamp == ""


def test_a_billing_address_stands_above_the_addressee_and_stays() -> None:
    order = make_mixed()
    bill_to = {
        "billing_name": "港産業株式会社",
        "billing_postcode": "105-0011",
        "billing_prefecture": "tokyo",
        "billing_city": "港区",
        "billing_street": "芝公園4-2-8",
    }
    Order.objects.filter(pk=order.pk).update(**bill_to)
    order.refresh_from_db()
    assert order.addressee == "港産業株式会社"
    paper = issue(order, RECEIPT, order.addressee)
    Order.objects.filter(pk=order.pk).update(billing_city="千代田区")

    copy = issue_copy(paper, 0)

    lines = ("〒105-0011", "東京都港区", "芝公園4-2-8", "港産業株式会社 様")
    assert make_bill(paper, "ja").addressee == lines
    assert make_bill(copy, "ja").addressee == lines


def test_the_name_for_the_receipt_is_proposed_first(client: Client) -> None:
    order = make_mixed()
    Order.objects.filter(pk=order.pk).update(receipt_name="株式会社テレビ")

    page = client.get(f"/orders/{order.uid}/papers/").content.decode()

    assert 'value="株式会社テレビ"' in page


def test_a_company_s_honorific_is_kept(registered: ShopProfile) -> None:
    paper = issue(make_mixed(), RECEIPT, "株式会社テレビ 御中")

    assert make_bill(paper, "ja").addressee == ("株式会社テレビ 御中",)


def test_the_tax_is_rounded_once_a_rate(registered: ShopProfile) -> None:
    order = make_order({f"MUG-{n:02}": 1 for n in range(1, 4)})
    order.lines.update(unit_minor=99)
    order.tax = [{"rate": 10, "gross": 297, "tax": 27}]
    order.subtotal_minor, order.shipping_minor, order.total_minor = 297, 0, 297
    order.save()
    Payment.objects.update(status="captured", captured_minor=297, captured_at=Now())

    bill = make_bill(issue(order, INVOICE, "Hanako"), "en")

    # Rounded a line it would be 9 * 3 = 27 by luck; of 297 it is 27, not 9.0 * 3.
    assert [fact.value for fact in bill.taxes] == ["¥297, of which tax ¥27"]


def test_the_first_issue_is_one_however_often_it_is_sent(
    registered: ShopProfile,
) -> None:
    order = make_mixed()

    first = issue(order, RECEIPT, "Hanako")
    second = issue(order, RECEIPT, "Mallory")

    assert first == second
    assert second.addressee == "Hanako"
    assert IssuedPaper.objects.count() == 1


def test_a_copy_says_the_same_and_is_marked(registered: ShopProfile) -> None:
    original = issue(make_mixed(), INVOICE, "Hanako")
    ShopProfile.objects.update(name_en="Another K.K.", invoice_number="")

    copy = issue_copy(original, 0, "yuki")

    assert (copy.number, copy.copy, copy.issued_by) == (original.number, 1, "yuki")
    bill = make_bill(copy, "en")
    assert bill.stamp == "Copy (reissued)"
    assert make_bill(copy, "ja").stamp == "再発行"
    assert bill.seller[0] == "Minato K.K."
    assert bill.addressee == ("Hanako",)


def test_a_copy_sent_twice_is_one(registered: ShopProfile) -> None:
    original = issue(make_mixed(), RECEIPT, "Hanako")

    assert issue_copy(original, 0) == issue_copy(original, 0)
    assert issue_copy(original, 1).copy == 2
    assert issue_copy(original, 9_999).copy == 3
    assert [paper.copy for paper in IssuedPaper.objects.order_by("copy")] == [
        0,
        1,
        2,
        3,
    ]


def test_the_original_is_marked_after_an_hour(registered: ShopProfile) -> None:
    original = issue(make_mixed(), RECEIPT, "Hanako")
    assert make_bill(original, "en").stamp == ""

    IssuedPaper.objects.update(issued_at=Now(-timedelta(minutes=61)))
    original.refresh_from_db()

    assert make_bill(original, "en").stamp == "Copy (reissued)"


def test_a_receipt_says_what_was_refunded(registered: ShopProfile) -> None:
    order = make_mixed()
    paper = issue(order, RECEIPT, "Hanako")
    make_refund(order, 1800, TEA=1)

    notes = " ".join(str(note) for note in make_bill(paper, "en").notes)

    assert "¥1,800" in notes
    assert make_bill(paper, "en").large == "¥6,000"


def test_a_credit_note_has_the_shares_of_its_refund(registered: ShopProfile) -> None:
    order = make_mixed()
    make_refund(order, 1800, TEA=1)
    refund = make_refund(order, 1000)

    paper = issue(order, CREDIT, "Hanako", refund=refund)
    bill = make_bill(paper, "en")

    assert paper.number == f"{order.number}-C2"
    assert [fact.value for fact in bill.taxes] == ["¥1,000, of which tax ¥91"]
    assert bill.amounts[-1].value == "¥1,000"
    labels = [str(fact.label) for fact in bill.facts]
    assert "Date of sale" in labels
    assert "Date of refund" in labels


def test_nothing_is_issued_for_what_was_not_paid(registered: ShopProfile) -> None:
    with pytest.raises(NothingPaid):
        issue(make_order(), RECEIPT, "Hanako")

    refunded = make_mixed()
    Payment.objects.filter(order=refunded).update(refunded_minor=6000)
    with pytest.raises(NothingPaid):
        issue(refunded, INVOICE, "Hanako")
    assert offers_of(refunded) == []
    assert IssuedPaper.objects.count() == 0


def test_without_a_number_only_receipts_are_issued() -> None:
    order = make_mixed()
    refund = make_refund(order, 1000)

    with pytest.raises(NotRegistered):
        issue(order, INVOICE, "Hanako")
    with pytest.raises(NotRegistered):
        issue(order, CREDIT, "Hanako", refund=refund)

    assert [offer.kind for offer in offers_of(order)] == [RECEIPT]
    assert issue(order, RECEIPT, "Hanako").kind == RECEIPT


def test_a_refund_under_way_has_no_credit_note(registered: ShopProfile) -> None:
    order = make_mixed()
    refund = make_refund(order, 1000)
    Refund.objects.update(status="pending", succeeded_at=None)

    with pytest.raises(NotRefunded):
        issue(order, CREDIT, "Hanako", refund=refund)
    with pytest.raises(NotIssuable):
        issue(order, CREDIT, "Hanako")
    with pytest.raises(NotIssuable):
        issue(order, PaperKind.PACKING_SLIP, "Hanako")
    assert IssuedPaper.objects.count() == 0


def test_the_customer_issues_prints_and_copies(
    client: Client, registered: ShopProfile
) -> None:
    order = make_mixed()
    papers = f"/orders/{order.uid}/papers/"
    html = client.get(papers).content.decode()
    assert 'value="Hanako Minato"' in html

    answer = client.post(
        f"{papers}issue/",
        {"kind": "invoice", "refund": "", "addressee": "ＴＶ Co."},  # noqa: RUF001
    )

    paper = IssuedPaper.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"{papers}{paper.pk}/"
    shown = client.get(answer["Location"]).content.decode()
    assert "T7000012050002" in shown
    assert "Copy (reissued)" not in shown
    pdf = client.get(f"{papers}{paper.pk}.pdf")
    assert pdf.content.startswith(b"%PDF-")

    copied = client.post(f"{papers}copy/", {"paper": paper.pk, "seen": 0})
    assert "Copy (reissued)" in client.get(copied["Location"]).content.decode()
    assert [one.issued_by for one in IssuedPaper.objects.all()] == ["", ""]


@pytest.mark.parametrize("addressee", ["", " ", "x" * 101])
def test_an_addressee_that_cannot_be_is_refused(
    client: Client, registered: ShopProfile, addressee: str
) -> None:
    order = make_mixed()

    answer = client.post(
        f"/orders/{order.uid}/papers/issue/",
        {"kind": "receipt", "refund": "", "addressee": addressee},
    )

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert IssuedPaper.objects.count() == 0


def test_another_order_s_papers_are_not_found(
    client: Client, registered: ShopProfile
) -> None:
    paper = issue(make_mixed(), RECEIPT, "Hanako")
    other, refund = make_mixed(), make_refund(paper.order, 500)
    base = f"/orders/{other.uid}/papers/"

    assert client.get(f"{base}{paper.pk}/").status_code == 404
    assert client.get(f"{base}{paper.pk}.pdf").status_code == 404
    copy = {"paper": paper.pk, "seen": 0}
    assert client.post(f"{base}copy/", copy).status_code == 404
    credit = {"kind": "credit-note", "refund": refund.pk, "addressee": "x"}
    assert client.post(f"{base}issue/", credit).status_code == 404
    assert IssuedPaper.objects.count() == 1


def test_staff_issue_in_their_own_name(
    admin_client: Client, registered: ShopProfile
) -> None:
    order = make_mixed()
    page = f"/admin/orders/order/{order.pk}/papers/"
    form = {"kind": "receipt", "refund": "", "addressee": "Hanako"}

    assert admin_client.post(page, form).status_code == 303
    paper = IssuedPaper.objects.get()
    assert paper.issued_by == "admin"
    admin_client.post(page, {"paper": paper.pk, "seen": 0})
    assert IssuedPaper.objects.latest("copy").issued_by == "admin"
    with translation.override("en"):
        html = admin_client.get(page).content.decode()
    assert f"{order.number}-R" in html
    listing = admin_client.get("/admin/checkout/issuedpaper/").content.decode()
    assert listing.count(f"{order.number}-R</a>") == 2
