"""The shop behind the nginx of deploy/nginx.conf."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from tests.support.catalogue import stock_up
from tests.support.customer import Customer
from tests.support.live import ROOT, LiveStack
from tests.support.nginx import Nginx, running, written

STATIC = ROOT / "staticfiles"
ANSWERED = 20  # seconds, on a busy machine
FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "1",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9",
    "Proxy": "http://evil.example",
}


@pytest.fixture
def nginx(shop: LiveStack, tmp_path: Path) -> Iterator[Nginx]:
    configuration = written(
        tmp_path / "nginx",
        pages=shop.port,
        streams=shop.port,
        static=STATIC,
        media=shop.paths.media_dir,
    )
    with running(configuration) as proxy:
        yield proxy


def get(nginx: Nginx, path: str, **options: object) -> requests.Response:
    return requests.get(
        nginx.url + path,
        verify=str(nginx.folder / "fullchain.pem"),
        timeout=ANSWERED,
        **options,  # type: ignore[arg-type]
    )


def test_it_is_a_configuration_of_nginx(tmp_path: Path) -> None:
    configuration = written(tmp_path, pages=1, streams=2, static=STATIC, media=tmp_path)

    done = configuration.test()

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_pages_files_and_pictures_come_through(shop: LiveStack, nginx: Nginx) -> None:
    page = get(nginx, "/")
    assert page.status_code == 200
    assert page.headers["Content-Encoding"] in ("br", "gzip")

    css = next(STATIC.glob("shop/css/base.*.css"))
    static = get(nginx, f"/static/shop/css/{css.name}")
    assert static.content == css.read_bytes()
    assert static.headers["Content-Encoding"] == "gzip"
    assert "immutable" in static.headers["Cache-Control"]
    assert get(nginx, "/static/shop/css/none.css").status_code == 404

    pictures = sorted(shop.paths.media_dir.glob("**/*.*"))
    file = next(found for found in pictures if found.is_file())
    picture = f"/media/{file.relative_to(shop.paths.media_dir)}"
    media = get(nginx, picture)
    assert media.content == file.read_bytes()
    direct = requests.get(f"{shop.url}{picture}", timeout=ANSWERED)
    for header in (
        "Content-Type",
        "Cache-Control",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Cross-Origin-Resource-Policy",
    ):
        assert media.headers[header] == direct.headers[header]
    assert get(nginx, "/media/../db.sqlite3").status_code == 404

    plain = requests.get(
        f"http://localhost:{nginx.http}/cart/?a=1", allow_redirects=False, timeout=9
    )
    assert plain.status_code == 301
    assert plain.headers["Location"] == "https://localhost/cart/?a=1"


def test_a_live_page_is_written_to_as_it_changes(shop: LiveStack, nginx: Nginx) -> None:
    order = Customer(shop).buy({stock_up(5): 1}, card="pm_card_authenticationRequired")
    begun = time.monotonic()

    with get(nginx, f"/orders/{order.uid}/stream/", stream=True) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        first = next(stream.iter_content(None))

    assert first.startswith(b"retry:")
    assert time.monotonic() - begun < ANSWERED


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that came."""

    def do_GET(self) -> None:
        body = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Nginx]:
    """The proxy before an application that says which headers came."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    configuration = written(
        tmp_path / "nginx", pages=port, streams=port, static=STATIC, media=tmp_path
    )
    with running(configuration) as proxy:
        yield proxy
    server.shutdown()
    server.server_close()


def test_what_a_visitor_says_about_proxies_is_not_passed_on(echo: Nginx) -> None:
    came = get(echo, "/", headers=FORGED).text

    assert "203.0.113.9" not in came
    assert "evil" not in came
    assert "X-Forwarded-For: 127.0.0.1\n" in came
    assert "X-Forwarded-Proto: https\n" in came


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/orders/1/returns/", 10, 200),
        ("/", 12, 413),
        ("/admin/catalogue/product/1/change/", 31, 200),
        ("/admin/catalogue/product/1/change/", 33, 413),
    ],
)
def test_a_body_that_no_form_has_is_refused_before_the_application(
    echo: Nginx, path: str, megabytes: int, status: int
) -> None:
    answer = requests.post(
        f"{echo.url}{path}",
        data=b"x" * (megabytes * 1024 * 1024),
        verify=str(echo.folder / "fullchain.pem"),
        timeout=ANSWERED,
    )

    assert answer.status_code == status


def test_another_host_gets_no_answer(echo: Nginx) -> None:
    with pytest.raises(requests.ConnectionError):
        get(echo, "/", headers={"Host": "other.example"})
