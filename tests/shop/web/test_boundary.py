"""Text that no browser sends is refused before anything reads it, on both databases."""

import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from shop.catalogue.models import Product
from shop.web.boundary import RequestBoundary, Utf8Requests, is_utf8
from tests.support.shopping import INFORMATION, RECIPIENT, fill

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

PAGES = ["/", "/search/", "/cart/", "/admin/login/", "/admin/orders/order/"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin"))
    return client


def assert_refused(answer: Any, caplog: pytest.LogCaptureFixture, why: str) -> None:
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "nothing was charged" in page
    assert "リクエストを読み取れませんでした" in page
    assert why in caplog.text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("q=%00", "NUL in the query"),
        ("status__exact=%00", "NUL in the query"),
        ("a%00b=1", "NUL in the query"),
        ("q=%ff", "broken UTF-8 in the query"),
        ("q=%83%7d%83O", "broken UTF-8 in the query"),
        ("q=%ed%a0%80", "broken UTF-8 in the query"),
    ],
)
def test_a_query_that_is_no_text_is_refused(
    admin: Client, caplog: pytest.LogCaptureFixture, page: str, query: str, why: str
) -> None:
    assert_refused(admin.get(f"{page}?{query}"), caplog, why)


def test_every_list_of_the_admin_refuses_a_nul_in_every_filter(admin: Client) -> None:
    index = admin.get("/admin/")
    lists = [
        model["admin_url"]
        for app in index.context["app_list"]
        for model in app["models"]
        if model["admin_url"]
    ]
    assert len(lists) > 15
    for address in lists:
        for name in ("q", "o", "p", "status__exact", "username", "released_at__gte"):
            assert admin.get(f"{address}?{name}=%00").status_code == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id__in", str(2**63)),
        ("id__in", "1,99999999999999999999"),
        ("item__id__in", 20 * "\u0669"),
        ("quantity__in", str(-(2**70))),
        ("created_at__gte", "9999-12-31 23:59:59-12:00"),
        ("created_at__lt", "0001-01-01 00:00:00+14:00"),
        ("created_at__in", "9999-12-31 23:59:59-12:00"),
    ],
)
def test_a_filter_beyond_the_database_s_limits_breaks_nothing(
    admin: Client, name: str, value: str
) -> None:
    answer = admin.get("/admin/inventory/movement/", {name: value})
    assert answer.status_code in (200, 302, 400)


def test_only_a_query_excuses_an_overflow() -> None:
    boundary = RequestBoundary(lambda _request: HttpResponse())
    make, overflow = RequestFactory(), OverflowError("too large")
    refused = boundary.process_exception(make.get("/?a=1"), overflow)
    assert refused is not None
    assert refused.status_code == 400
    assert boundary.process_exception(make.get("/"), overflow) is None
    assert boundary.process_exception(make.get("/?a=1"), ValueError()) is None


def test_long_numbers_may_be_searched_for(admin: Client) -> None:
    largest = str(2**63 - 1)
    for query in ({"q": 30 * "9"}, {"id__in": largest}, {"id": 30 * "9"}):
        answer = admin.get("/admin/inventory/movement/", query)
        assert answer.status_code in (200, 302)


@pytest.mark.parametrize(
    "path", ["/p/a%00b/", "/c/%01/", "/media/a%00.png", "/static/a%00.png", "/%7f"]
)
def test_an_address_with_a_control_character_is_refused(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    assert_refused(client.get(path), caplog, "control character in the address")


@pytest.mark.parametrize(
    "path",
    [
        "/media/" + 300 * "a" + ".png",
        "/media/pictures/" + 100 * "写" + ".png",
        "/static/" + 300 * "a" + ".png",
        "/p/" + 300 * "a" + "/",
        "/missing/" + 300 * "a" + "/",
        f"/cart/{2**63}/",
        f"/cart/{2**200}/remove/",
        f"/admin/orders/order/{2**63}/change/",
        "/p/%ff%fe/",
    ],
)
def test_an_address_that_can_name_nothing_is_not_found(
    admin: Client, path: str
) -> None:
    answer = admin.post(path) if path.startswith("/cart/") else admin.get(path)
    # The admin's own answer leads back to its start, with a message.
    assert answer.status_code == (302 if path.startswith("/admin/") else 404)


@pytest.mark.parametrize(
    "name", ["sessionid", "csrftoken", "cart", "django_language", "messages", "other"]
)
@pytest.mark.parametrize("value", ['"aaaaaaaa\\000b"', '"\\001"', '"a\\012b"'])
def test_a_cookie_with_a_control_character_counts_as_absent(
    client: Client, caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    caplog.set_level(logging.INFO)
    for page, status in (("/cart/", 200), ("/admin/", 302)):
        answer = client.get(page, headers={"cookie": f"{name}={value}"})
        assert answer.status_code == status
        assert f"ignored the cookie '{name}'" in caplog.text


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "cart", "django_language"])
def test_a_cookie_may_be_long_or_odd(client: Client, name: str) -> None:
    for value in ("a" * 4000, "\xff\xfe", "%00", "=;="):
        answer = client.get("/cart/", headers={"cookie": f"{name}={value}"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "name", ["User-Agent", "Referer", "Accept-Language", "X-Forwarded-For", "HX-Target"]
)
def test_a_header_with_a_control_character_is_refused(
    client: Client, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    answer = client.get("/", headers={name: "a\x01b"})
    assert_refused(answer, caplog, "control character in the header")
    assert name.lower() in caplog.text.lower()


@pytest.mark.parametrize("path", ["/cart/add/", INFORMATION, "/i18n/setlang/"])
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"sku=%00", "NUL in the form"),
        (b"%00=1", "NUL in the form"),
        (b"sku=\xff", "broken UTF-8 in the form"),
        (b"sku=%83%7d", "broken UTF-8 in the form"),
        (b"&".join(b"a%d=1" % number for number in range(1001)), ""),
    ],
)
def test_a_form_that_is_no_text_is_refused(
    client: Client, caplog: pytest.LogCaptureFixture, path: str, body: bytes, why: str
) -> None:
    assert_refused(client.post(path, body, content_type=FORM), caplog, why)


def part(disposition: str, content: str = "1", more: str = "") -> bytes:
    head = f"Content-Disposition: form-data; {disposition}\r\n{more}"
    return f"--x\r\n{head}\r\n{content}\r\n--x--\r\n".encode("iso-8859-1")


@pytest.mark.parametrize(
    "body",
    [
        part('name="sku"', "a\0b"),
        part('name="s\0ku"'),
        part('name="sku"', "\x83\x7d"),
    ],
)
def test_a_multipart_form_that_is_no_text_is_refused(
    client: Client, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    answer = client.post(
        "/cart/add/", body, content_type="multipart/form-data; boundary=x"
    )
    assert_refused(answer, caplog, "form")


def test_a_form_that_browsers_send_passes(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    for content_type in (FORM, f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"'):
        answer = client.post(
            INFORMATION,
            b"name=%E6%B8%AF%0D%0A&street=a%09b&city=\xe6\xb8\xaf&building=%EF%BF%BD",
            content_type=content_type,
        )
        assert answer.status_code == 200
    assert client.post(INFORMATION, RECIPIENT).status_code == 303


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=hex",
        "text/plain; charset=undefined",
        "text/plain; charset=unicode_escape",
        "text/plain; CharSet = <rot13>",
        'text/plain; x="a"; charset="hex"',
        "text/plain; charset*=hex''a",
        "text/plain; charset*=nonsense''%ff",
        "text/plain; charset*0=he; charset*1=x",
        "text/plain;\xa0charset=hex",
        f"{FORM}; charset=shift_jis",
        "multipart/form-data; boundary=x; charset=shift_jis",
        "multipart/form-data; boundary=\xff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/search/?q=a", "/webhooks/stripe/", "/nowhere"])
def test_a_content_type_in_another_charset_is_refused(
    caplog: pytest.LogCaptureFixture, content_type: str, method: str, path: str
) -> None:
    page, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "PATH_INFO": page,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": content_type,
    }
    setup_testing_defaults(environ)
    answered: list[str] = []

    def start(status: str, _headers: Any, *_error: Any) -> Any:
        answered.append(status)

    body: Iterable[bytes] = Utf8Requests(WSGIHandler())(environ, start)

    assert answered == ["400 Bad Request"]
    assert "リクエスト" in b"".join(body).decode()
    assert "content type" in caplog.text


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        FORM,
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    ],
)
def test_content_types_that_clients_send_pass(content_type: str) -> None:
    assert is_utf8(content_type)


@pytest.mark.parametrize("host", ["a\xff", "a" * 5000, "evil.example", "[", ""])
def test_a_host_that_is_not_ours_gets_the_same_page_and_one_line(
    client: Client, host: str
) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert "nothing was charged" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accept-language", "ja," * 2000),
        ("accept-language", "\xff;q=x"),
        ("x-forwarded-for", "\xff" * 50),
        ("origin", "http://["),
        ("referer", "http://["),
        ("hx-current-url", "http://[%ff"),
        ("last-event-id", "\xff" * 500),
        ("sec-fetch-dest", "\xff"),
        ("if-modified-since", "Mon, 99 Foo 99999999 00:00:00 GMT"),
        ("range", "bytes=" + "9" * 5000 + "-"),
    ],
)
def test_other_headers_may_say_anything(client: Client, name: str, value: str) -> None:
    for path in ("/", "/cart/", "/admin/login/", "/static/shop/icon.svg"):
        answer = client.get(path, headers={name: value})
        # Read to its end, so that the file is closed.
        answer.getvalue()
        assert answer.status_code < 500
    added = client.post("/cart/add/", {"sku": "no"}, headers={name: value})
    assert added.status_code < 500


@pytest.mark.parametrize(
    "body",
    [
        part('name="file"; filename="\xff.png"', "x"),
        part('name="file"; filename="' + 300 * "a" + '.png"', "x"),
        part('name="sku"', "&", "Content-Transfer-Encoding: base64\r\n"),
        part("name*=nonsense''sku"),
        b"",
        b"--x",
        b"--x--",
    ],
)
def test_an_odd_multipart_form_is_a_form_without_the_field(
    client: Client, body: bytes
) -> None:
    content_type = "multipart/form-data; boundary=x"
    assert client.post("/cart/add/", body, content_type=content_type).status_code == 303


@pytest.mark.parametrize("next_page", ["//evil.example", "http://[", "\ud7ff", "%00"])
def test_the_page_to_go_on_to_may_be_anything(client: Client, next_page: str) -> None:
    answer = client.post("/i18n/setlang/", {"language": "ja", "next": next_page})
    assert answer.status_code in (204, 302)
    assert "evil" not in answer.get("Location", "")
    page = client.get(reverse("account_login"), {"next": next_page})
    assert page.status_code == 200
