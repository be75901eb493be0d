"""``python -m sandboxes.warehouse.control``: faults, clock and state from a shell.

Prints what the sandbox answered as one JSON document; exits 1 when it refused and 2
when it cannot be reached.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from typing import Any

from sandboxes.warehouse.faults import KINDS

DEFAULT_URL = "http://127.0.0.1:8002"
TIMEOUT_SECONDS = 10
_READS = ("orders", "reports", "faults")


class Refused(Exception):
    """The sandbox refused the request; the text is its answer."""


def send(url: str, name: str, fields: dict[str, Any] | None) -> str:
    """Return the sandbox's answer as text. Raises Refused, or OSError."""
    request = urllib.request.Request(  # noqa: S310 - the tester's own address
        f"{url.rstrip('/')}/_sandbox/{name}",
        data=None if fields is None else json.dumps(fields).encode(),
        method="GET" if fields is None else "POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            answer: str = reply.read().decode()
    except urllib.error.HTTPError as refusal:
        raise Refused(refusal.read().decode()) from refusal
    return answer


def main(arguments: list[str] | None = None) -> int:
    given = vars(_parser().parse_args(arguments))
    url, act = given.pop("url"), given.pop("act")
    fields = {name: value for name, value in given.items() if value is not None}
    try:
        answer, code = send(url, act, None if act in _READS else fields), 0
    except Refused as refusal:
        answer, code = str(refusal), 1
    except OSError as error:
        sys.stderr.write(f"No sandbox answers at {url}: {error}\n")
        return 2
    sys.stdout.write(answer.rstrip() + "\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandboxes.warehouse.control",
        description="Steer a running sandbox.",
    )
    parser.add_argument("--url", default=DEFAULT_URL, help="the sandbox's address")
    acts = parser.add_subparsers(dest="act", required=True)
    fault = acts.add_parser("fault", help="arm a rule")
    fault.add_argument("kind", choices=KINDS)
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--seconds", type=float, default=2.0)
    fault.add_argument("--call", default="", help="such as shipment.request")
    fault.add_argument("--shipment", default="", help="an order's number")
    clock = acts.add_parser("clock", help="show the clock, or move it")
    clock.add_argument("seconds", nargs="?", type=float, help="seconds to move it by")
    clear = acts.add_parser("clear", help="disarm every rule, or those of one kind")
    clear.add_argument("kind", nargs="?", choices=KINDS)
    take_back = acts.add_parser(
        "take_back", help="report that a customer's return arrived"
    )
    take_back.add_argument("shipment", help="an order's number")
    take_back.add_argument(
        "--unfit", action="store_true", help="it cannot be sold again"
    )
    for name, text in (
        ("orders", "all orders"),
        ("reports", "all reports and whether they were delivered"),
        ("faults", "list the armed rules"),
        ("reset", "forget everything"),
    ):
        acts.add_parser(name, help=text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
