"""The process: its address, its keys, and its restart after a kill."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.conftest import NewSandbox
from tests.support.sandbox import ROOT, SandboxProcess


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])  # noqa: S104
def test_it_listens_on_this_machine_only(tmp_path: Path, host: str) -> None:
    done = _run("sandboxes.stripe", "--data", str(tmp_path), "--host", host)
    assert done.returncode == 2
    assert "not a loopback address" in done.stderr


def test_a_taken_port_is_a_clear_message(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    done = _run(
        "sandboxes.stripe", "--data", str(tmp_path), "--port", str(sandbox.port)
    )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{sandbox.port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["sk_live_x", "rk_test_x", "hello", "sk_prod_1"])
def test_only_test_keys_are_let_in(sandbox: SandboxProcess, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        making.intent(sandbox.client(key=key))
    assert caught.value.http_status == 401
    assert sandbox.intents() == []


def test_a_call_without_a_key_is_refused(sandbox: SandboxProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{sandbox.url}/v1/payment_intents")
    caught.value.close()
    assert caught.value.code == 401


def test_everything_survives_a_kill(new_sandbox: NewSandbox) -> None:
    own = new_sandbox()
    held = making.confirmed(own.client())
    own.fault("capture", "cut_before")
    own.advance(3600)
    own.kill()
    own.start()
    client = own.client()
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.capture(held.id)
    assert client.v1.payment_intents.capture(held.id).status == "succeeded"
    assert own.control("GET", "clock")["offset"] == 3600


def test_it_ends_cleanly_when_asked(new_sandbox: NewSandbox) -> None:
    assert new_sandbox().stop() == 0


def test_it_says_that_it_is_well(sandbox: SandboxProcess) -> None:
    with urllib.request.urlopen(f"{sandbox.url}/healthz") as reply:
        assert json.load(reply) == {"status": "ok"}


def test_scripts_are_compressed_for_who_can_read_that(sandbox: SandboxProcess) -> None:
    def ask(path: str, encoding: str) -> requests.Response:
        headers = {"Accept-Encoding": encoding}
        return requests.get(f"{sandbox.url}{path}", headers=headers, timeout=5)

    plain, small = ask("/v3/", "identity"), ask("/v3/", "gzip, br")
    empty = ask("/favicon.ico", "gzip")

    assert small.content == plain.content
    assert int(small.headers["Content-Length"]) < len(plain.content) / 2
    assert (empty.status_code, empty.content) == (204, b"")


def test_a_foreign_page_cannot_steer_it(sandbox: SandboxProcess) -> None:
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/reset",
        data=b"{}",
        headers={"Origin": "http://evil.example"},
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    caught.value.close()
    assert caught.value.code == 403


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "explode"},
        {"kind": "delay", "operation": "dance"},
        {"kind": "error_before", "status": 200},
        {"kind": "delay", "surprise": 1},
        {"kind": "delay", "seconds": "long"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    sandbox: SandboxProcess, rule: Any
) -> None:
    with pytest.raises(requests.HTTPError) as caught:
        sandbox.control("POST", "faults", rule)
    assert caught.value.response.status_code == 400
    assert sandbox.control("GET", "faults") == {"faults": []}


def _control(sandbox: SandboxProcess, *arguments: str) -> Any:
    done = _run("sandboxes.stripe.control", "--url", sandbox.url, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_command_arms_and_disarms(sandbox: SandboxProcess) -> None:
    [rule] = _control(
        sandbox, *["fault", "error_after", "--operation", "capture", "--status", "503"]
    )["faults"]
    assert (rule["kind"], rule["operation"], rule["status"]) == (
        "error_after",
        "capture",
        503,
    )
    assert len(_control(sandbox, "faults")["faults"]) == 1
    assert _control(sandbox, "clear") == {"removed": 1}


def test_the_command_shows_and_decides(
    sandbox: SandboxProcess, client: stripe.StripeClient
) -> None:
    asked = making.confirmed(client, "pm_card_authenticationRequired")
    held = _control(sandbox, "challenge", asked.id, "complete")
    assert held["status"] == "requires_capture"
    assert _control(sandbox, "clock", "60")["offset"] == 60
    assert _control(sandbox, "intents")["totals"] == {
        "captured": 0,
        "refunded": 0,
        "captured_charges": 0,
    }


def test_the_command_says_when_it_is_refused_and_when_nobody_answers(
    sandbox: SandboxProcess,
) -> None:
    refused = _run(
        "sandboxes.stripe.control", "--url", sandbox.url, *("challenge", "pi_x", "fail")
    )
    assert (refused.returncode, "No such" in refused.stdout) == (1, True)
    nobody = _run("sandboxes.stripe.control", "--url", "http://127.0.0.1:9", "faults")
    assert (nobody.returncode, nobody.stdout) == (2, "")


def test_the_package_needs_the_standard_library_only() -> None:
    code = (
        "import sys; before = set(sys.modules); import sandboxes.stripe.__main__;"
        "import sandboxes.stripe.control;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['sandboxes']"
