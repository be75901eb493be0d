"""The shop that the fuzz drives: real processes, with staff, a cart and orders."""

from http.client import INTERNAL_SERVER_ERROR, NOT_IMPLEMENTED

from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice.roles import GROUPS, make_groups
from checkout.aftersales.shortages import services as shortages
from checkout.announcements.models import Announcement
from checkout.cart import services as carts
from checkout.cart.cookies import COOKIE, remember_cart
from orders.models import Order
from shop.catalogue.models import Variant
from tests.fuzz.exchange import Answer, NoAnswer, exchange
from tests.fuzz.faults import TRACE, Fault, describe
from tests.fuzz.inputs import CSRF, Draft, Input
from tests.fuzz.surface import Surface, Target
from tests.support.customer import Customer, wait_until_done
from tests.support.live import LiveStack
from tests.support.shopping import RECIPIENT
from tests.support.shortages import report
from tests.support.staff import make_done, make_stalled

RESTORED_EVERY = 100  # inputs: staff can be deleted, and the checkout paused


class DrivenShop:
    """A shop with everything that its pages can show, and a session for each role."""

    def __init__(self, stack: LiveStack) -> None:
        self.stack = stack
        self.host = f"127.0.0.1:{stack.port}"
        self.cookies: dict[str, dict[str, str]] = {}
        self.targets: dict[str, Target] = {}
        self.sent = 0
        self._read = 0

    def prepare(self) -> None:
        """Make orders and staff, and look for everything that can be asked for."""
        orders = self._orders()
        self.restore()
        surface = Surface(self._get)
        starts = ["/", "/cart/", "/checkout/information/", "/checkout/confirmation/"]
        starts += ["/admin/", "/admin/login/", "/livez", "/readyz"]
        for order in orders:
            starts.append(reverse("checkout:order", args=[order.uid]))
            for page in ("orders_order", "backoffice_stalledorder"):
                starts.append(reverse(f"admin:{page}_change", args=[order.pk]))
        surface.crawl(*starts)
        surface.complete()
        self.targets = {target.key: target for target in surface.targets}
        self._new_lines()

    def restore(self) -> None:
        """Put back what inputs may have changed: staff, sessions, cart, pauses."""
        make_groups(reset=True)
        Announcement.objects.all().delete()
        self.cookies = {"visitor": {}, "customer": self._cart()}
        for name in GROUPS:
            self.cookies[name] = self._session(name, is_superuser=False)
        everything = self._session("administrator", is_superuser=True)
        self.cookies["administrator"] = {**everything, **self._cart()}

    def send(self, given: Input) -> Answer:
        """Send an input. Raises Fault if the shop fails at it."""
        if self.sent % RESTORED_EVERY == 0:
            self.restore()
        self.sent += 1
        draft = Draft(self.targets[given.target], self.cookies[given.role], self.host)
        for change in given.changes:
            draft.apply(change)
        request = draft.encoded()
        try:
            answer = exchange(self.stack.port, request)
        except NoAnswer as error:
            kind = f"{given.target}: no answer"
            raise Fault(kind, f"{request[:2000]!r}\n{error}") from error
        lines = self._new_lines()
        if TRACE in lines:
            raise Fault(describe(lines), f"{request[:2000]!r}\n{lines}")
        # 501 is gunicorn's right answer to an unknown Transfer-Encoding.
        if answer.status >= INTERNAL_SERVER_ERROR and answer.status != NOT_IMPLEMENTED:
            kind = f"{given.target}: {answer.status}"
            raise Fault(kind, f"{request[:2000]!r}")
        self._follow(given.role, answer)
        return answer

    def _follow(self, role: str, answer: Answer) -> None:
        """Make a new session after the shop has ended or replaced the old one."""
        changed = any(
            value.startswith("sessionid=") for value in answer.values("set-cookie")
        )
        if changed and role in (*GROUPS, "administrator"):
            self.cookies[role] |= self._session(
                role, is_superuser=role == "administrator"
            )

    def _new_lines(self) -> str:
        with self.stack.log.open("rb") as log:
            log.seek(self._read)
            lines = log.read()
        self._read += len(lines)
        return lines.decode(errors="replace")

    def _get(self, path: str) -> str:
        cookies = self.cookies["administrator"]
        draft = Draft(Target("", "GET", path), cookies, self.host)
        draft.path, _, query = path.partition("?")
        request = draft.encoded()
        if query:
            first, rest = request.split(b" HTTP/1.1\r\n", 1)
            request = first + b"?" + query.encode() + b" HTTP/1.1\r\n" + rest
        answer = exchange(self.stack.port, request)
        is_page = any("html" in kind for kind in answer.values("content-type"))
        return answer.text if is_page else ""

    def _session(self, name: str, *, is_superuser: bool) -> dict[str, str]:
        values = {"is_staff": True, "is_active": True, "is_superuser": is_superuser}
        user, _ = User.objects.update_or_create(
            username=f"fuzz-{name}".lower(), defaults=values
        )
        user.groups.set(Group.objects.filter(name=name))
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return {"sessionid": client.cookies["sessionid"].value, "csrftoken": CSRF}

    def _cart(self) -> dict[str, str]:
        cart = carts.open_cart(None)
        carts.add(cart.uid, self._sku(), 1)
        carts.keep_information(cart, RECIPIENT)
        response = HttpResponse()
        remember_cart(response, cart)
        return {COOKIE: response.cookies[COOKIE].value}

    def _orders(self) -> list[Order]:
        """Return orders that wait for the parcel, lack goods, stand still, are done."""
        customer = Customer(self.stack)
        bought = [customer.buy({self._sku(): 2}) for _ in range(2)]
        wait_until_done(self.stack, bought)
        asked = report(bought[0], {self._sku(): 1})
        shortages.record(bought[0], asked, shelf_is_empty=False)
        stalled = [make_stalled(f"261122-FUZZA{letter}") for letter in "AB"]
        unpaid = make_stalled("261122-FUZZAC", step="authorize_payment")
        return [*bought, *stalled, unpaid, make_done("261122-FUZZAD")]

    @staticmethod
    def _sku() -> str:
        return Variant.objects.filter(is_active=True).order_by("pk")[0].sku
