"""Start the sandbox: ``python -m sandboxes.warehouse``."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandboxes.warehouse import DEFAULT_REPORT_SECRET, DEFAULT_SECRET, delivery
from sandboxes.warehouse.api import Settings
from sandboxes.warehouse.server import Server
from sandboxes.warehouse.store import Store

_HOST = "127.0.0.1"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandboxes.warehouse",
        description="An offline warehouse: takes orders, packs them and reports.",
    )
    parser.add_argument("--port", default=8002, type=int, help="0: any free one")
    parser.add_argument("--data", required=True, type=Path, help="where state is kept")
    parser.add_argument("--report-url", default="", help="receiver of the reports")
    parser.add_argument("--secret", default=DEFAULT_SECRET)
    parser.add_argument("--report-secret", default=DEFAULT_REPORT_SECRET)
    parser.add_argument(
        "--pace",
        default=1.5,
        type=float,
        metavar="SECONDS",
        help="how long each step of the work takes",
    )
    return parser.parse_args()


def main() -> int:
    given = _arguments()
    settings = Settings(given.secret, given.report_secret, given.report_url, given.pace)
    given.data.mkdir(parents=True, exist_ok=True)
    store = Store(given.data / "warehouse_sandbox.sqlite3")
    try:
        server = Server((_HOST, given.port), store, settings)
    except OSError as error:
        sys.stderr.write(
            f"sandboxes.warehouse: cannot listen on {_HOST}:{given.port}: "
            f"{error.strerror}\n"
        )
        return 1
    stopping = threading.Event()
    delivery.start(store, settings, stopping)
    for name in (signal.SIGTERM, signal.SIGINT):
        # Not from the handler's own frame: shutdown() waits for serve_forever().
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(
        f"sandboxes.warehouse: ready on http://{_HOST}:{server.server_address[1]}\n"
    )
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    stopping.set()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
