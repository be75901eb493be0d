"""Start the sandbox: ``python -m sandboxes.stripe``."""

import argparse
import ipaddress
import signal
import sys
import threading
from pathlib import Path

from sandboxes.stripe import DEFAULT_WEBHOOK_SECRET, timers, webhooks
from sandboxes.stripe.call import Settings
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.transport import Server


def _loopback(host: str) -> str:
    """Return the host, which must be this machine: the sandbox checks no secrets."""
    if host == "localhost":
        return host
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        message = f"{host} is not a loopback address; use 127.0.0.1"
        raise argparse.ArgumentTypeError(message)
    return host


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandboxes.stripe",
        description="An offline Stripe: payments API, browser library, webhooks.",
    )
    parser.add_argument("--host", default="127.0.0.1", type=_loopback)
    parser.add_argument("--port", default=8001, type=int, help="0: any free one")
    parser.add_argument("--data", required=True, type=Path, help="where state is kept")
    parser.add_argument("--webhook-url", default="", help="receiver of the events")
    parser.add_argument("--webhook-secret", default=DEFAULT_WEBHOOK_SECRET)
    parser.add_argument(
        "--webhook-backoff",
        default=1.0,
        type=float,
        metavar="SECONDS",
        help="pause before the first retry; it doubles from there",
    )
    parser.add_argument(
        "--settle-seconds",
        default=3,
        type=int,
        metavar="SECONDS",
        help="until a pending refund succeeds, or a failing one fails",
    )
    parser.add_argument(
        "--search-lag",
        default=1,
        type=int,
        metavar="SECONDS",
        help="how far search is behind what was written",
    )
    return parser.parse_args()


def main() -> int:
    given = _arguments()
    settings = Settings(
        given.host, given.port, given.webhook_url, given.webhook_secret,
        given.webhook_backoff, given.settle_seconds, given.search_lag,
    )  # fmt: skip
    sandbox = Sandbox(given.data, settings)
    try:
        server = Server((given.host, given.port), sandbox)
    except OSError as error:
        sys.stderr.write(
            f"sandboxes.stripe: cannot listen on {given.host}:{given.port}: "
            f"{error.strerror}\n"
        )
        return 1
    settings.port = server.server_address[1]
    webhooks.start(sandbox)
    timers.start(sandbox)
    for name in (signal.SIGTERM, signal.SIGINT):
        # Not from the handler's own frame: shutdown() waits for serve_forever().
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"sandboxes.stripe: ready on {settings.origin}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    sandbox.stopping.set()
    sandbox.ring()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
