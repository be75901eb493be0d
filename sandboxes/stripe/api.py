"""Run an API request: key, route, parameters, idempotency, faults, effect."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any

from sandboxes.stripe import API_VERSION, expand, faults, idempotency, params, routes
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import ApiError, AuthenticationFailed, Forbidden, NotFound
from sandboxes.stripe.faults import Rule
from sandboxes.stripe.idempotency import Stored
from sandboxes.stripe.routes import Operation
from sandboxes.stripe.sandbox import Sandbox
from sandboxes.stripe.store import new_id

_FAULT_TYPES = {
    401: "invalid_request_error",
    402: "card_error",
    403: "invalid_request_error",
    400: "invalid_request_error",
    409: "invalid_request_error",
    429: "invalid_request_error",
}
_FAULT_CODES = {409: "lock_timeout", 429: "rate_limit"}


@dataclass(frozen=True)
class Request:
    """A request as received; ``text`` is the query or the form body."""

    method: str
    path: str
    text: str
    authorization: str = ""
    key: str | None = None
    version: str | None = None


@dataclass
class Answer:
    """An answer; with ``cut`` the connection is dropped instead."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class Cut(Exception):
    """A fault: the connection breaks before anything is done."""


def answer(sandbox: Sandbox, request: Request) -> Answer:
    """Run one API request and return its answer. Errors become error answers."""
    request_id = new_id("req")
    try:
        result = _answer(sandbox, request, request_id)
    except Cut:
        return Answer(0, {}, cut=True)
    except ApiError as error:
        result = Answer(error.status, {"error": error.body()})
    result.headers.setdefault("Request-Id", request_id)
    result.headers["Stripe-Version"] = request.version or API_VERSION
    if request.key:
        result.headers["Idempotency-Key"] = request.key
    if request.method != "GET":
        sandbox.ring()
    return result


def _answer(sandbox: Sandbox, request: Request, request_id: str) -> Answer:
    publishable = _authenticate(request.authorization)
    found = routes.match(request.method, request.path)
    if found is None:
        raise NotFound(
            message=f"Unrecognized request URL ({request.method}: {request.path}). "
            "Please see "
            "https://stripe.com/docs or we can help at https://support.stripe.com/."
        )
    operation, path = found
    if publishable and not operation.public:
        raise Forbidden(
            message="This API call cannot be made with a publishable API key. Please "
            "use a "
            "secret API key. You can find a list of your API keys at "
            "https://dashboard.stripe.com/account/apikeys.",
            code="secret_key_required",
        )
    given = params.decode(request.text)
    call = sandbox.call(
        params=params.check(operation.table, given),
        path=path,
        request_id=request_id,
        idempotency_key=request.key,
        publishable=publishable,
    )
    key = request.key if request.method == "POST" else None
    return _Run(sandbox, operation, call, request, key).answer(given)


def _authenticate(header: str) -> bool:
    """Return whether the key is publishable. Live keys are refused."""
    scheme, _, value = header.partition(" ")
    if scheme == "Basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[0]
        except ValueError:
            value = ""
    if not value:
        raise AuthenticationFailed(
            message="You did not provide an API key. You need to provide your API "
            "key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY')."
        )
    if not value.startswith(("sk_test_", "pk_test_")):
        shown = value[:8] + "*" * 8 + value[-4:]
        raise AuthenticationFailed(message=f"Invalid API Key provided: {shown}")
    return value.startswith("pk_")


@dataclass(frozen=True)
class _Run:
    """One execution, with its idempotency key and its fault, if there are any."""

    sandbox: Sandbox
    operation: Operation
    call: Call
    request: Request
    key: str | None

    def answer(self, given: dict[str, Any]) -> Answer:
        stored = self._claim(given)
        rule = faults.take(
            self.sandbox.store,
            self.operation.name,
            self.request.key,
            self.request.path,
            replay=stored is not None,
        )
        try:
            self._before(rule)
            if stored is None:
                result = self._execute(rule)
            else:
                result = Answer(stored.status, stored.body)
                result.headers["Idempotent-Replayed"] = "true"
                result.headers["Original-Request"] = stored.request
        finally:
            # A request without a stored answer frees its key.
            if stored is None and self.key:
                idempotency.forget(self.sandbox.store, self.key)
        return self._after(rule, result)

    def _claim(self, given: dict[str, Any]) -> Stored | None:
        """Return the stored answer of a known key; claim a new key and commit."""
        if self.key is None:
            return None
        endpoint = f"{self.request.method} {self.request.path}"
        print_ = idempotency.fingerprint(given)
        store = self.sandbox.store
        with store.transaction():
            stored = idempotency.look_up(store, self.key, endpoint, print_)
            if stored is None:
                now = self.sandbox.clock.now()
                idempotency.begin(store, self.key, endpoint, print_, now)
        return stored

    def _before(self, rule: Rule | None) -> None:
        if rule is None:
            return
        if rule["kind"] == "cut_before":
            raise Cut
        if rule["kind"] == "delay":
            time.sleep(rule["seconds"])
        if rule["kind"] == "error_before" and not rule["stored"]:
            raise _fault(rule)

    def _execute(self, rule: Rule | None) -> Answer:
        """Run the operation and store its answer in one transaction."""
        store, error = self.sandbox.store, None
        with store.transaction():
            try:
                if rule is not None and rule["kind"] == "error_before":
                    raise _fault(rule)
                with store.attempt():
                    try:
                        result = self._perform()
                    except ApiError as raised:
                        if not raised.commits:
                            raise
                        error, result = raised, _refusal(raised)
            except ApiError as raised:
                error, result = raised, _refusal(raised)
            if rule is not None and rule["kind"] == "error_after":
                shown = _refusal(_fault(rule))
                # An error that is not stored hides an effect: a retry gets its answer.
                self._keep(shown if rule["stored"] else result)
                return shown
            if error is None or error.stored:
                self._keep(result)
        return result

    def _perform(self) -> Answer:
        """Run the operation. Raises ApiError."""
        body = self.operation.handler(self.call)
        expanded = expand.apply(self.call, body, self.call.params.get("expand", []))
        return Answer(200, expanded)

    def _keep(self, result: Answer) -> None:
        if self.key:
            stored = Stored(result.status, result.body, str(self.call.request_id))
            idempotency.finish(self.sandbox.store, self.key, stored)

    @staticmethod
    def _after(rule: Rule | None, result: Answer) -> Answer:
        if rule is not None and rule["kind"] == "cut_after":
            result.cut = True
        if rule is not None and rule["kind"] == "withhold":
            time.sleep(rule["seconds"])
        return result


class _Fault(ApiError):
    """Return the error answer of a fault rule."""


def _refusal(error: ApiError) -> Answer:
    return Answer(error.status, {"error": error.body()})


def _fault(rule: Rule) -> ApiError:
    status = int(rule["status"])
    error = _Fault(
        message="An error made to order by a fault rule of the sandbox.",
        code=_FAULT_CODES.get(status),
    )
    error.status = status
    error.type = _FAULT_TYPES.get(status, "api_error")
    error.stored = bool(rule["stored"])
    return error
