"""Lists, pages, expansion, search."""

from typing import Any

import pytest
import stripe

from tests.sandboxes.stripe import making
from tests.sandboxes.stripe.conftest import NewSandbox
from tests.support.sandbox import SandboxProcess

Client = stripe.StripeClient


def test_a_list_is_newest_first_and_says_whether_there_is_more(
    client: Client,
) -> None:
    made = [making.intent(client).id for _ in range(3)]
    page = client.v1.payment_intents.list({"limit": 2})
    assert [intent.id for intent in page.data] == [made[2], made[1]]
    assert page.has_more is True
    rest = client.v1.payment_intents.list({"limit": 2, "starting_after": made[1]})
    assert ([intent.id for intent in rest.data], rest.has_more) == ([made[0]], False)
    back = client.v1.payment_intents.list({"limit": 2, "ending_before": made[0]})
    assert [intent.id for intent in back.data] == [made[2], made[1]]


def test_the_sdk_walks_through_all_pages(client: Client) -> None:
    made = {making.intent(client).id for _ in range(7)}
    listed = client.v1.payment_intents.list({"limit": 3})
    assert {intent.id for intent in listed.auto_paging_iter()} == made


def test_a_list_is_narrowed_by_time(client: Client, sandbox: SandboxProcess) -> None:
    old = making.intent(client)
    sandbox.advance(3600)
    new = making.intent(client)
    after: Any = {"created": {"gt": old.created}}
    until: Any = {"created": {"lte": old.created}}
    intents = client.v1.payment_intents
    assert [item.id for item in intents.list(after).data] == [new.id]
    assert [item.id for item in intents.list(until).data] == [old.id]
    assert [item.id for item in intents.list({"created": new.created}).data] == [new.id]


def test_charges_are_listed_by_intent(client: Client) -> None:
    making.captured(client)
    wanted = making.captured(client)
    [charge] = client.v1.charges.list({"payment_intent": wanted.id}).data
    assert charge.id == wanted.latest_charge


def test_events_are_listed_by_type(client: Client) -> None:
    making.captured(client)
    by_type = client.v1.events.list({"type": "payment_intent.*"})
    assert [event.type for event in by_type.data] == [
        "payment_intent.succeeded",
        "payment_intent.amount_capturable_updated",
        "payment_intent.created",
    ]
    several = client.v1.events.list({"types": ["charge.captured", "charge.succeeded"]})
    assert [event.type for event in several.data] == [
        "charge.captured",
        "charge.succeeded",
    ]


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 101}, {"starting_after": "pi_unknown"}],
)
def test_a_list_refuses_what_stripe_refuses(client: Client, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.list(params)


def test_lists_expand_inside_their_items(client: Client) -> None:
    making.captured(client)
    page = client.v1.payment_intents.list({"expand": ["data.latest_charge"]})
    assert page.data[0].latest_charge.captured is True


@pytest.mark.parametrize("path", ["surprise", "currency", "latest_charge.amount.more"])
def test_only_references_expand(client: Client, path: str) -> None:
    paid = making.captured(client)
    if path == "latest_charge.amount.more":
        # A number has nothing inside it; Stripe leaves such a path alone.
        wide = client.v1.payment_intents.retrieve(paid.id, {"expand": [path]})
        assert wide.latest_charge.amount == 3200
        return
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.payment_intents.retrieve(paid.id, {"expand": [path]})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata['order']:'A1'", {"A1"}),
        ('metadata["order"]:"A1"', {"A1"}),
        ("status:'succeeded'", {"A2"}),
        ("-status:'succeeded'", {"A1", "A3"}),
        ("amount>3200", {"A3"}),
        ("amount<=3200 AND currency:'jpy'", {"A1", "A2"}),
        ("metadata['order']:'A1' OR metadata['order']:'A3'", {"A1", "A3"}),
        ("metadata['gift']:null amount<4000", {"A1", "A2"}),
        ("status:'canceled'", set()),
    ],
)
def test_search_understands_stripes_language(
    client: Client, query: str, found: set[str]
) -> None:
    making.intent(client, metadata={"order": "A1"})
    making.captured(client, metadata={"order": "A2"})
    making.intent(client, metadata={"order": "A3", "gift": "yes"}, amount=4000)
    hits = client.v1.payment_intents.search({"query": query}).data
    assert {hit.metadata["order"] for hit in hits} == found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "order",
        "colour:'red'",
        "amount>lots",
        "status:'a' AND amount>1 OR amount<1",
    ],
)
def test_search_refuses_what_it_does_not_understand(client: Client, query: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.search({"query": query})


def test_search_comes_in_pages(client: Client) -> None:
    made = {making.intent(client).id for _ in range(5)}
    result = client.v1.payment_intents.search({"query": "amount>1", "limit": 2})
    assert {intent.id for intent in result.auto_paging_iter()} == made


def test_search_lags_behind_what_was_written(new_sandbox: NewSandbox) -> None:
    own = new_sandbox("--search-lag", "60")
    client = own.client()
    made = making.intent(client)
    query: Any = {"query": "amount>1"}
    assert client.v1.payment_intents.search(query).data == []
    own.advance(61)
    assert [hit.id for hit in client.v1.payment_intents.search(query).data] == [made.id]


def test_a_payment_method_belongs_to_one_customer(client: Client) -> None:
    first, second = client.v1.customers.create(), client.v1.customers.create()
    kept = client.v1.payment_methods.attach("pm_card_visa", {"customer": first.id})
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        client.v1.payment_methods.attach(kept.id, {"customer": second.id})
    client.v1.payment_methods.detach(kept.id)
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        client.v1.payment_methods.detach(kept.id)


def test_a_deleted_customer_is_gone(client: Client) -> None:
    gone = client.v1.customers.create({"email": "h@example.com"})
    client.v1.customers.delete(gone.id)
    assert client.v1.customers.list().data == []
    assert client.v1.customers.retrieve(gone.id).to_dict() == {
        "id": gone.id,
        "object": "customer",
        "deleted": True,
    }
    with pytest.raises(stripe.InvalidRequestError) as caught:
        making.intent(client, customer=gone.id)
    assert caught.value.code == "resource_missing"
