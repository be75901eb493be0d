"""``python -m sandboxes.stripe.control``: faults, clock and state from a shell.

Prints what the sandbox answered as one JSON document; exits 1 when it refused and 2
when it cannot be reached.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from typing import Any

from sandboxes.stripe.faults import ERRORS, TRANSPORT, WEBHOOKS

DEFAULT_URL = "http://127.0.0.1:8001"
TIMEOUT_SECONDS = 10


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandboxes.stripe.control",
        description="Steer a running sandbox.",
    )
    parser.add_argument("--url", default=DEFAULT_URL, help="the sandbox's address")
    acts = parser.add_subparsers(dest="act", required=True)
    fault = acts.add_parser("fault", help="arm a one-shot rule")
    fault.add_argument("kind", choices=(*TRANSPORT, *ERRORS, *WEBHOOKS))
    fault.add_argument("--operation", default="any")
    fault.add_argument("--status", type=int, default=500)
    fault.add_argument("--times", type=int, default=1)
    fault.add_argument("--skip", type=int, default=0, help="calls to let pass first")
    fault.add_argument("--seconds", type=float, default=2.0)
    fault.add_argument("--event", default="*", help="for webhook faults, with *")
    fault.add_argument("--key", default="", help="part of the idempotency key")
    fault.add_argument("--object", default="", help="part of the address")
    acts.add_parser("faults", help="list the armed rules")
    acts.add_parser("clear", help="disarm every rule")
    clock = acts.add_parser("clock", help="show the clock, or move it")
    clock.add_argument("advance", nargs="?", type=float, help="seconds to move it by")
    acts.add_parser("intents", help="intents with their charges and refunds")
    acts.add_parser("deliveries", help="webhook deliveries")
    resend = acts.add_parser("resend", help="deliver an event again")
    resend.add_argument("event", nargs="?", help="default: all undelivered ones")
    _outcome(acts, "challenge", "intent", ("complete", "fail"))
    _outcome(acts, "konbini", "intent", ("pay", "lapse"))
    _outcome(acts, "refund", "refund", ("succeed", "fail"))
    _outcome(acts, "dispute", "dispute", ("won", "lost"))
    opened = acts.add_parser("open-dispute", help="dispute a charge")
    opened.add_argument("charge")
    opened.add_argument("--reason", default="fraudulent")
    acts.add_parser("reset", help="forget everything")
    return parser


def _outcome(acts: Any, name: str, noun: str, results: tuple[str, ...]) -> None:
    act = acts.add_parser(name, help=f"decide a {name}")
    act.add_argument(noun)
    act.add_argument("result", choices=results)


_ADDRESSES = {
    "fault": ("POST", "faults"),
    "faults": ("GET", "faults"),
    "clear": ("DELETE", "faults"),
    "clock": ("POST", "clock"),
    "intents": ("GET", "intents"),
    "deliveries": ("GET", "deliveries"),
    "resend": ("POST", "deliveries/resend"),
    "challenge": ("POST", "challenge"),
    "konbini": ("POST", "konbini"),
    "refund": ("POST", "refunds"),
    "dispute": ("POST", "disputes"),
    "open-dispute": ("POST", "disputes"),
    "reset": ("POST", "reset"),
}


class Refused(Exception):
    """The sandbox refused the request; the text is its answer."""


def send(url: str, method: str, name: str, fields: dict[str, Any]) -> str:
    """Return the sandbox's answer as text. Raises Refused, or OSError."""
    request = urllib.request.Request(  # noqa: S310 - the tester's own address
        f"{url.rstrip('/')}/_sandbox/{name}",
        data=json.dumps(fields).encode() if method == "POST" else None,
        method=method,
        headers={"Content-Type": "application/json"},
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
    method, name = _ADDRESSES[act]
    try:
        answer, code = send(url, method, name, fields), 0
    except Refused as refusal:
        answer, code = str(refusal), 1
    except OSError as error:
        sys.stderr.write(f"No sandbox answers at {url}: {error}\n")
        return 2
    sys.stdout.write(answer.rstrip() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
