"""The payment pages of the provider in memory."""

from dataclasses import replace

from checkout.payments.fake.script import Scripted
from checkout.payments.gateway import Intent, IntentStatus, NotFound, Refused
from checkout.payments.payment_pages import PageRequest, PageStatus, ProviderPage
from shop.countries import JAPAN

_PAID = (IntentStatus.CAPTURABLE, IntentStatus.SUCCEEDED)


class FakePaymentPages(Scripted):
    """See PaymentPages. ``pay_on_page`` is the customer with a card."""

    intents: dict[str, Intent]

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, ProviderPage] = {}
        self._requests: dict[str, PageRequest] = {}

    def open_page(self, request: PageRequest, key: str) -> ProviderPage:
        def effect() -> ProviderPage:
            name = f"cs_{len(self.pages) + 1}"
            url, opened = f"https://pay.example.com/{name}", PageStatus.OPEN
            self._requests[name] = request
            page = ProviderPage(name, opened, url, "", request.expires_at)
            self.pages[name] = page
            return page

        return self._once("open_page", key, request, effect)

    def read_page(self, page_id: str) -> ProviderPage:
        return self._play("read_page", "", lambda: self._page(page_id))

    def close_page(self, page_id: str, key: str) -> ProviderPage:
        def effect() -> ProviderPage:
            page = self._page(page_id)
            if page.status is not PageStatus.OPEN:
                message = f"{page_id} is {page.status.value}"
                raise Refused(message)
            return self.let_page_expire(page_id)

        return self._once("close_page", key, page_id, effect)

    def let_page_expire(self, page_id: str) -> ProviderPage:
        """End a page as the provider does in the end, with the intent of its cards."""
        page = self._page(page_id)
        if page.intent_id:
            closed = replace(self.intents[page.intent_id], status=IntentStatus.CANCELED)
            self.intents[page.intent_id] = closed
        return self._put(replace(page, status=PageStatus.EXPIRED, url=""))

    def pay_on_page(self, page_id: str, card: str = "pm_card_visa") -> None:
        """Let the customer try a card on the page, if it is open."""
        page, request = self._page(page_id), self._requests[page_id]
        if page.status is not PageStatus.OPEN:
            return
        if not page.intent_id:
            intent = self.create(
                request.order,
                request.amount,
                request.currency,
                f"by {page_id}",
                request.country,
            )
            page = self._put(replace(page, intent_id=intent.id))
        tries = f"by {page_id}, {len(self.calls)}"
        tried = self.confirm(page.intent_id, card, request.success_url, tries)
        if tried.status in _PAID:
            self._put(replace(page, status=PageStatus.COMPLETE, url=""))

    def create(
        self, order: str, amount: int, currency: str, key: str, country: str = JAPAN
    ) -> Intent:
        raise NotImplementedError

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        raise NotImplementedError

    def _page(self, page_id: str) -> ProviderPage:
        if page_id not in self.pages:
            message = f"no such checkout.session: {page_id}"
            raise NotFound(message)
        return self.pages[page_id]

    def _put(self, page: ProviderPage) -> ProviderPage:
        self.pages[page.id] = page
        return page
