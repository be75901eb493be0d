"""What each host is given: the files of deploy/, with the addresses of the cluster."""

import json
import os
import pwd
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shop.local.broker import server_program
from tests.cluster import outside
from tests.cluster.network import alone
from tests.cluster.plan import HOSTS, Host, Role, of_role
from tests.support import nginx, postgres
from tests.support.units import ROOT, Unit

DEPLOY = ROOT / "deploy"
PAGES, STREAMS = 8000, 8001
SITE = f"https://{of_role(Role.PROXY).address}"
SANDBOX = f"http://{of_role(Role.OUTSIDE).address}:{outside.STRIPE}"
DATABASE = f"postgres://postgres@{of_role(Role.DATABASE).address}:5432/postgres"
WEBHOOK_SECRET = "whsec_sandbox"
METRICS_TOKEN = "for-monitoring-in-the-cluster-only"
# Role -> the units that a host of this role runs.
UNITS = {
    Role.WEB: ("todoku-web.service",),
    Role.WORKER: ("todoku-worker@.service",),
    Role.STREAM: ("todoku-stream.service",),
    Role.SWEEPER: ("todoku-sweeper.service",),
}
PORTS = {Role.WEB: PAGES, Role.STREAM: STREAMS}
# What is written to the disk survives a host without power.
DURABLE = {"fsync": "on", "full_page_writes": "on"}
# 32 for each web and stream host, 25 for each worker, 3 for each sweeper, and ours.
CONNECTIONS = "600"


def changed(text: str, changes: dict[str, str]) -> str:
    """Replace all; each must find its place, so that nothing of a server is left."""
    for theirs, ours in changes.items():
        assert theirs in text, f"{theirs} is not in the file of deploy/"
        text = text.replace(theirs, ours)
    return text


def given_secrets(key: str, broker: str) -> dict[str, str]:
    """Return the secrets that deploy/todoku.env.example names a file for."""
    return {
        "SECRET_KEY": key,
        "DATABASE_URL": DATABASE,
        "BROKER_URL": broker,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "EMAIL_URL": f"smtp://{of_role(Role.OUTSIDE).address}:{outside.SMTP}",
    }


@dataclass(frozen=True)
class Files:
    """The folder of a run: one folder a host, and what they have in common."""

    folder: Path

    def home(self, host: Host) -> Path:
        return self.folder / host.name

    def data(self, host: Host) -> Path:
        return self.home(host) / "data"

    @property
    def certificate(self) -> Path:
        return self.home(of_role(Role.PROXY)) / "fullchain.pem"

    @property
    def mails(self) -> Path:
        return self.data(of_role(Role.OUTSIDE)) / "mail"

    def environment(self, host: Host) -> dict[str, str]:
        """Return what the shop's processes have in their environment on a host."""
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.home(host)),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "ENV_FILE": str(self.home(host) / "todoku.env"),
            # The shop's settings, with releases to be deployed.
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            # In a container every user is root, of which Celery warns at length.
            "PYTHONWARNINGS": "ignore:You're running the worker",
        }

    def write(self) -> None:
        """Write the files of all hosts."""
        self.folder.chmod(0o711)  # PostgreSQL is another user's
        password = secrets.token_urlsafe(16)
        broker = f"redis://:{password}@{of_role(Role.BROKER).address}:6379/0"
        key = secrets.token_urlsafe(50)
        for host in HOSTS:
            self.data(host).mkdir(parents=True)
            if host.runs_the_shop:
                self._write_settings(host, key, broker)
        self._write_proxy()
        self._write_broker(password)
        self._make_database()
        for host in HOSTS:
            given = {
                "name": host.name,
                "port": PORTS.get(host.role, 0),
                "services": self.services(host),
            }
            (self.home(host) / "host.json").write_text(json.dumps(given))

    def services(self, host: Host) -> list[dict[str, Any]]:
        """Return the services of a host, as tests.cluster.host reads them."""
        common = {"environment": self.environment(host), "folder": str(ROOT)}
        if host.runs_the_shop:
            return [
                {
                    **common,
                    "name": Unit(name).name.partition(".")[0].rstrip("@"),
                    "argv": [
                        word.replace("%h", host.name) for word in Unit(name).command()
                    ],
                    "listens": host.role in PORTS,
                    "notifies": Unit(name).one("Type") == "notify",
                }
                for name in UNITS[host.role]
            ]
        return [
            {**common, "folder": str(self.home(host)), "name": name, **how}
            for name, how in self._others(host).items()
        ]

    def _others(self, host: Host) -> dict[str, dict[str, Any]]:
        home, data = self.home(host), self.data(host)
        if host.role is Role.PROXY:
            program = nginx.find()
            assert program is not None, "nginx is missing"
            file = str(home / "nginx.conf")
            argv = [program, "-p", str(home), "-c", file, "-g", "daemon off;"]
            return {"proxy": {"argv": argv}}
        if host.role is Role.BROKER:
            return {"broker": {"argv": [server_program(), str(home / "valkey.conf")]}}
        if host.role is Role.DATABASE:
            return {"database": self._postgres(host)}
        sandbox = [
            *(sys.executable, "-m", "sandboxes.stripe", "--port", str(outside.STRIPE)),
            *("--data", str(data / "stripe"), "--webhook-secret", WEBHOOK_SECRET),
            *("--webhook-url", f"{SITE}/webhooks/stripe/"),
        ]
        doors = alone("outside.py", host.address)
        trusting = {**self.environment(host), "SSL_CERT_FILE": str(self.certificate)}
        return {
            "stripe": {"argv": sandbox, "environment": trusting, "folder": str(ROOT)},
            "doors": {"argv": [*doors, str(self.mails)]},
        }

    def _postgres(self, host: Host) -> dict[str, Any]:
        home = self.home(host)
        options = {
            **postgres.OPTIONS,
            **DURABLE,
            "listen_addresses": host.address,
            "max_connections": CONNECTIONS,
        }
        settings = [part for pair in options.items() for part in ("-c", "=".join(pair))]
        user = postgres.UNPRIVILEGED
        binaries = postgres.reachable_binaries(home)
        return {
            "argv": [str(binaries / "postgres"), "-D", str(home / "server"), *settings],
            "environment": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            "user": pwd.getpwnam(user).pw_uid,
        }

    def _write_settings(self, host: Host, key: str, broker: str) -> None:
        """Write deploy/todoku.env.example and its secrets as this host has them."""
        home = self.home(host)
        (home / "secrets").mkdir(mode=0o700)
        for name, value in given_secrets(key, broker).items():
            (home / "secrets" / name).write_text(f"{value}\n")
        text = changed(
            (DEPLOY / "todoku.env.example").read_text(),
            {
                "ALLOWED_HOSTS=shop.example.com": f"ALLOWED_HOSTS={SITE[8:]}",
                "https://shop.example.com": SITE,
                "/srv/todoku/data": str(self.data(host)),
                "/etc/todoku/secrets": str(home / "secrets"),
                "pk_live_your_key": "pk_test_sandbox",
            },
        )
        more = {
            # A rehearsal: production in everything but the provider.
            "STAGING": "true",
            "METRICS_TOKEN": METRICS_TOKEN,
            "STRIPE_API_BASE": SANDBOX,
            "STRIPE_JS_URL": f"{SITE}/v3/",
        }
        lines = "".join(f"{name}={value}\n" for name, value in more.items())
        (home / "todoku.env").write_text(text + lines)

    def _write_proxy(self) -> None:
        host = of_role(Role.PROXY)
        home = self.home(host)
        nginx.make_certificate(home, f"IP:{host.address}")
        text = changed(
            nginx.CONFIGURATION.read_text(),
            {
                "user www-data;": "user root;",
                "pid /run/nginx.pid;": f"pid {home}/nginx.pid;",
                "/var/log/nginx": str(home),
                "/etc/ssl/todoku": str(home),
                "/srv/todoku/current/staticfiles": str(ROOT / "staticfiles"),
                "/srv/todoku/data/media": str(self.data(host)),
                "shop.example.com": host.address,
                "listen 80": f"listen {host.address}:80",
                "listen 443": f"listen {host.address}:443",
                "server 127.0.0.1:8000;": backends(Role.WEB),
                "server 127.0.0.1:8001;": backends(Role.STREAM),
            },
        )
        temporary = "".join(
            f"    {kind}_temp_path {home}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("http {\n", f"http {{\n{temporary}", 1)
        (home / "nginx.conf").write_text(text)

    def _write_broker(self, password: str) -> None:
        host = of_role(Role.BROKER)
        home = self.home(host)
        (home / "password.conf").write_text(f"requirepass {password}\n")
        text = changed(
            (DEPLOY / "valkey.conf").read_text(),
            {
                "bind 127.0.0.1": f"bind {host.address}",
                "/etc/valkey/password.conf": str(home / "password.conf"),
            },
        )
        (home / "valkey.conf").write_text(text)

    def _make_database(self) -> None:
        host = of_role(Role.DATABASE)
        home = self.home(host)
        account = pwd.getpwnam(postgres.UNPRIVILEGED)
        os.chown(home, account.pw_uid, account.pw_gid)
        binaries = postgres.reachable_binaries(home)
        server = home / "server"
        postgres.create_cluster(binaries, server, postgres.UNPRIVILEGED)
        network = f"{host.address.rpartition('.')[0]}.0/24"
        with (server / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")

    def manage(self, *arguments: str, host: Host | None = None) -> str:
        """Run a command of manage.py with a host's settings. Return what it wrote."""
        where = host or of_role(Role.WORKER)
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(where),
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}: {said}"
        return said


def backends(role: Role) -> str:
    port = PORTS[role]
    servers = [host.address for host in HOSTS if host.role is role]
    return " ".join(f"server {address}:{port};" for address in servers)
