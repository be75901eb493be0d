"""Staff write pages: preview, publish, look at older versions and restore them."""

import pytest
from django.test import Client

from shop.pages.models import PageVersion
from tests.backoffice.answers import messages, text_of
from tests.support.staff import make_staff

LIST = "/admin/pages/pageversion/"
FAQ = f"{LIST}faq/"
TEXT = {
    "title_ja": "質問",
    "title_en": "Questions",
    "body_ja": "## 本文",
    "body_en": "## Body of <it>",
    "place": "help",
    "is_shown": "on",
    "note": "shorter",
    "seen": "0",
}


@pytest.fixture
def writer(client: Client, db: None) -> Client:
    """Return a client who may only write pages."""
    client.force_login(make_staff("add_pageversion", name="mori"))
    return client


def test_the_list_shows_what_is_still_a_draft(writer: Client) -> None:
    assert text_of(writer.get(LIST)).count("First draft") == 6
    writer.post(FAQ, TEXT)

    page = text_of(writer.get(LIST))
    assert page.count("First draft") == 5
    assert "Questions" in page


def test_the_form_begins_with_the_draft(writer: Client) -> None:
    page = writer.get(FAQ).content.decode()

    assert "Do I need an account?" in page
    assert "会員登録をしなくても" in page


def test_a_preview_is_the_page_and_stores_nothing(writer: Client) -> None:
    answer = writer.post(f"{LIST}preview/", TEXT | {"preview": "en"})
    page = answer.content.decode()

    assert "<h2>Body of &lt;it&gt;</h2>" in page
    assert "this is not published" in text_of(answer)
    japanese = writer.post(f"{LIST}preview/", TEXT | {"preview": "ja"})
    assert "<h2>本文</h2>" in japanese.content.decode()
    assert not PageVersion.objects.exists()


def test_publishing_is_recorded_with_who_and_what(writer: Client) -> None:
    answer = writer.post(FAQ, TEXT, follow=True)

    assert messages(answer) == ["The page is published."]
    version = PageVersion.objects.get()
    assert (version.number, version.saved_by, version.note) == (1, "mori", "shorter")
    assert "Questions" in text_of(Client().get("/pages/faq/"))


def test_an_older_version_is_restored_as_the_newest(writer: Client) -> None:
    writer.post(FAQ, TEXT)
    writer.post(FAQ, TEXT | {"title_en": "Worse", "seen": "1"})
    assert "Questions" in text_of(writer.get(f"{FAQ}1/"))
    writer.post(f"{FAQ}1/restore/")

    titles = PageVersion.objects.order_by("number").values_list("title_en", flat=True)
    assert list(titles) == ["Questions", "Worse", "Questions"]


def test_who_began_from_an_older_version_keeps_the_text_and_is_told(
    writer: Client,
) -> None:
    writer.post(FAQ, TEXT)
    answer = writer.post(FAQ, TEXT | {"title_en": "Mine"})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "mori published version 1 meanwhile" in page
    assert 'value="Mine"' in page
    assert PageVersion.objects.count() == 1
    assert '<input type="hidden" name="seen" value="1"' in page


def test_a_fact_that_does_not_exist_is_refused(writer: Client) -> None:
    answer = writer.post(FAQ, TEXT | {"body_en": "Call {phnoe}"})

    assert answer.status_code == 422
    assert "There is no {phnoe}" in text_of(answer)
    assert not PageVersion.objects.exists()


def test_an_own_page_is_added_once(writer: Client) -> None:
    new = TEXT | {"slug": "about-us"}
    assert writer.post(f"{LIST}new/", new).status_code == 302
    again = writer.post(f"{LIST}new/", new)

    assert again.status_code == 422
    assert "There is a page at this address" in text_of(again)
    assert PageVersion.objects.get().slug == "about-us"


@pytest.mark.parametrize(
    "path", ["", "new/", "preview/", "faq/", "faq/0/", "faq/0/restore/"]
)
def test_others_see_nothing(client: Client, db: None, path: str) -> None:
    client.force_login(make_staff("view_order"))

    assert client.post(f"{LIST}{path}", TEXT).status_code == 403
    assert not PageVersion.objects.exists()
