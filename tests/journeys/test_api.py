"""A whole purchase by a foreign GraphQL client, on the real processes."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

from orders.models import Order
from saga.models import State
from shop.catalogue.models import Product
from tests.support.api import ADD, CARD, INFORM, INFORMATION, PLACE
from tests.support.catalogue import stock_up
from tests.support.customer import wait_for_state, wait_until_done
from tests.support.live import LiveStack
from tests.support.mail import confirmations
from tests.support.sandbox import Sandbox
from tests.support.sandbox_control import captured

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
FIND = """query Find($slug: String!) { product(slug: $slug) {
  variants { sku free price { minor } } } }"""
STATUS = """subscription ($uid: UUID!) { answer: orderStatus(uid: $uid) {
  sequence progress { outcome isFinal } } }"""
PROGRESS = """query Progress($uid: UUID!) {
  order(uid: $uid) { progress { outcome money declineText } } }"""


class Buyer:
    """A shop without pages: it has the API and the provider's form."""

    def __init__(self, stack: LiveStack) -> None:
        self._stack = stack
        transport = RequestsHTTPTransport(
            url=f"{stack.url}/graphql/", headers={"Accept-Language": "ja"}, timeout=30
        )
        # It reads the schema from the shop, and checks each document by it.
        self._client = Client(transport=transport, fetch_schema_from_transport=True)
        self._provider = Sandbox(stack.sandbox_url)

    def ask(self, document: str, **variables: Any) -> Any:
        request = gql(document)
        request.variable_values = variables
        return self._client.execute(request)

    def confirm(self, sku: str) -> dict[str, Any]:
        """Fill a cart and enter the information. Return what is to be confirmed."""
        cart = self.ask(ADD, sku=sku, quantity=2)["answer"]["id"]
        informed = self.ask(INFORM, cart=cart, information=INFORMATION)["answer"]
        return {
            "cart": cart,
            "checkoutKey": informed["checkoutKey"],
            "digest": informed["quote"]["digest"],
            "seenTotal": informed["quote"]["total"]["minor"],
        }

    def follow(self, uid: str) -> Iterator[Any]:
        """Yield what the order's subscription tells, until the shop completes it."""
        body = {"query": STATUS, "variables": {"uid": uid}}
        address = f"{self._stack.url}/graphql/stream/"
        with requests.post(address, json=body, stream=True, timeout=60) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines(decode_unicode=True):
                if line == "event: complete":
                    return
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))["data"]["answer"]
        message = "the stream broke off"
        raise AssertionError(message)

    def token(self, card: str) -> str:
        return self._provider.token(card)


async def follow_by_socket(stack: LiveStack, uid: str) -> list[Any]:
    """Return what the order's subscription tells over a WebSocket, to its end."""
    transport = WebsocketsTransport(
        url=f"{stack.url.replace('http', 'ws', 1)}/graphql/stream/",
        subprotocols=["graphql-transport-ws"],
    )
    request = gql(STATUS)
    request.variable_values = {"uid": uid}
    async with Client(transport=transport) as session:
        return [each["answer"] async for each in session.subscribe(request)]


@pytest.mark.both_databases
def test_a_shop_without_pages_sells_by_the_api_alone(shop: LiveStack) -> None:
    sku = stock_up(5)
    buyer = Buyer(shop)
    slug = Product.objects.get(variants__sku=sku).slug
    (found,) = buyer.ask(FIND, slug=slug)["product"]["variants"]
    assert found == {"sku": sku, "free": 5, "price": {"minor": 1800}}

    confirmed = buyer.confirm(sku) | {"paymentToken": buyer.token(DECLINED)}
    uid = buyer.ask(PLACE, order=confirmed)["answer"]["uid"]
    assert buyer.ask(PLACE, order=confirmed)["answer"]["uid"] == uid
    order = Order.objects.get(uid=uid)
    wait_for_state(shop, order, State.WAITING)
    asked = buyer.ask(PROGRESS, uid=uid)["order"]["progress"]
    assert asked["outcome"] == "NEEDS_CARD"
    assert "ご利用可能額" in asked["declineText"]

    told = buyer.follow(uid)
    assert next(told)["progress"]["outcome"] == "NEEDS_CARD"
    buyer.ask(CARD, order=uid, token=buyer.token("pm_card_visa"))
    last = list(told)[-1]
    assert (last["progress"]["outcome"], last["progress"]["isFinal"]) == ("DONE", True)
    wait_until_done(shop, [order])

    done = buyer.ask(PROGRESS, uid=uid)["order"]["progress"]
    assert (done["outcome"], done["money"]) == ("DONE", "KEPT")
    assert captured(shop, order) == [confirmed["seenTotal"]]
    # In a thread of its own: a browser of another test may have a loop in this one.
    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(asyncio.run, follow_by_socket(shop, uid)).result()
    assert [each["progress"]["outcome"] for each in ended] == ["DONE"]
    (mail,) = confirmations(shop, order)
    assert mail["To"] == INFORMATION["email"]
    assert order.language == "ja"
