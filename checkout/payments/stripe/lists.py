"""Stripe's lists, read page by page as they were sent.

The SDK's own objects would not do: it converts every field of all objects, and one that
it cannot convert would hide the whole page. It also needs the id of a page's last
object to go on.
"""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from checkout.payments.gateway import UnreadableAnswer
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.unreadable import UnreadableObject

if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
_PAGE = 100


class StripeLists:
    """Reads lists for the other parts of StripeGateway."""

    _client: "stripe.StripeClient"

    def _read_list(
        self,
        path: str,
        what: str,
        reader: Callable[[ProviderObject], _Answer],
        **params: Any,
    ) -> Iterator[_Answer | UnreadableObject]:
        """Yield the objects of all pages, as ``reader`` reads them.

        One that cannot be read is logged, and stands in the list as such: it must
        neither hide the others nor pass for one that does not exist.
        """
        for page in self._pages(path, what, **params):
            for found in page:
                try:
                    yield reader(found)
                except Unreadable as error:
                    logger.warning("one %s of a list cannot be read: %s", what, error)
                    yield _unreadable(found, what, str(error))

    def _pages(
        self, path: str, what: str, **params: Any
    ) -> Iterator[list[ProviderObject]]:
        """Yield the pages of a list. Each is a call, which may raise."""
        params = {"limit": _PAGE, **params}
        while True:
            page, has_more = self._page(path, what, params)
            yield page
            if not page or not has_more:
                return
            last = _last_id(page)
            if not last or last == params.get("starting_after"):
                why = f"no {what} of a page has an id from which the list goes on"
                raise UnreadableAnswer(why)
            params["starting_after"] = last

    def _page(
        self, path: str, what: str, params: dict[str, Any]
    ) -> tuple[list[ProviderObject], bool]:
        """Return one page, and whether more follow."""
        answer = self._ask(lambda: self._client.raw_request("get", path, **params))
        try:
            page = ProviderObject(answer.data, "list")
            return page.items("data", what), page.flag("has_more") is True
        except Unreadable as error:
            raise UnreadableAnswer(str(error)) from error

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        """Make one call; raise the gateway's error in place of each of Stripe's."""
        raise NotImplementedError


def _last_id(page: list[ProviderObject]) -> str:
    """Return the last id of a page that can be read; empty if there is none.

    The objects after it are read once more with the next page.
    """
    return next((name for found in reversed(page) if (name := found.own_id())), "")


def _unreadable(found: ProviderObject, what: str, why: str) -> UnreadableObject:
    try:
        created_at = found.moment("created")
    except Unreadable:
        created_at = None
    return UnreadableObject(what, found.own_id(), why, created_at)
