"""Run the nginx of deploy/nginx.conf, with this machine's ports and folders."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shop.local.watchdog import Watchdog
from tests.support import apt
from tests.support.ports import free_port
from tests.support.waiting import wait_until

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
PACKAGE = "nginx-light"
HOST = "localhost"


class NoNginx(Exception):
    """There is no nginx here, and it cannot be installed."""

    def __init__(self, reason: object = "it is missing") -> None:
        super().__init__(
            f"The tests of deploy/nginx.conf need nginx: {reason}. "
            f"Install it (Debian: apt-get install {PACKAGE})."
        )


def find() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def provide(say: Callable[[str], None]) -> None:
    """Install nginx where it is missing. Raises NoNginx."""
    if find():
        return
    say(f"Installing {PACKAGE} for the tests of deploy/nginx.conf ...")
    try:
        apt.update()
        apt.install(PACKAGE)
    except apt.NoApt as error:
        raise NoNginx(error) from error
    if find() is None:
        raise NoNginx


@dataclass(frozen=True)
class Nginx:
    """A configuration of nginx for this machine, in its own folder."""

    folder: Path
    http: int
    https: int

    @property
    def file(self) -> Path:
        return self.folder / "nginx.conf"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.https}"

    def command(self, *options: str) -> list[str]:
        program = find()
        if program is None:
            pytest.skip(str(NoNginx()))
        return [program, "-p", str(self.folder), "-c", str(self.file), *options]

    def test(self) -> subprocess.CompletedProcess[str]:
        """Let nginx read the configuration (``nginx -t``)."""
        return subprocess.run(
            self.command("-t"), capture_output=True, text=True, check=False
        )


def written(
    folder: Path, *, pages: int, streams: int, static: Path, media: Path
) -> Nginx:
    """Write the configuration with our ports, folders and a certificate of our own.

    Every replacement must find its place, so that nothing of a server is left.
    """
    nginx = Nginx(folder, free_port(), free_port())
    folder.mkdir(parents=True, exist_ok=True)
    make_certificate(folder)
    changes = {
        # Another user could not read the folders of a test.
        "user www-data;": "user root;" if os.geteuid() == 0 else "",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "/var/log/nginx": str(folder),
        "/etc/ssl/todoku": str(folder),
        "/srv/todoku/current/staticfiles": str(static),
        "/srv/todoku/data/media": str(media),
        "shop.example.com": HOST,
        "listen 80": f"listen 127.0.0.1:{nginx.http}",
        "listen 443": f"listen 127.0.0.1:{nginx.https}",
        "127.0.0.1:8000": f"127.0.0.1:{pages}",
        "127.0.0.1:8001": f"127.0.0.1:{streams}",
        "worker_rlimit_nofile 65536;": "",
        "worker_connections 16384;": "worker_connections 256;",
        "worker_processes auto;": "worker_processes 1;",
    }
    text = CONFIGURATION.read_text()
    for theirs, ours in changes.items():
        assert theirs in text, theirs
        text = text.replace(theirs, ours)
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    nginx.file.write_text(text.replace("http {\n", f"http {{\n{temporary}", 1))
    return nginx


def make_certificate(folder: Path, name: str = f"DNS:{HOST}") -> None:
    """Make a certificate for ``DNS:`` a host, or ``IP:`` an address."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *(
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-subj",
                f"/CN={name.partition(':')[2]}",
            ),
            *("-addext", f"subjectAltName={name}"),
            *("-keyout", str(folder / "privkey.pem")),
            *("-out", str(folder / "fullchain.pem")),
        ],
        capture_output=True,
        check=True,
    )


@contextmanager
def running(nginx: Nginx) -> Iterator[Nginx]:
    """Run it until the end of the block, or of this process."""
    watchdog = Watchdog()
    with (nginx.folder / "out").open("wb") as output:
        process = watchdog.spawn(
            nginx.command("-g", "daemon off;"),
            env=dict(os.environ),
            output=output,
            cwd=nginx.folder,
        )
    try:
        wait_until((nginx.folder / "nginx.pid").exists, "nginx runs")
        yield nginx
    finally:
        process.terminate()
        process.wait(10)
        watchdog.dismiss()
