"""Requests to the API with Django's test client, and the documents that tests send."""

from typing import Any

from django.test import Client

from tests.support.shopping import RECIPIENT

ADDRESS = "/graphql/"

CART = """fragment CartFields on Cart {
  id checkoutKey ordered
  quote { digest count isOrderable total { minor text } lines { id sku quantity } }
}"""
REFUSAL = """fragment RefusalFields on Refusal {
  __typename code message
  ... on InvalidInput { fields { field messages } }
  ... on NotEnough { free inCart }
  ... on QuoteChanged { quote { digest total { minor } } }
  ... on InLine { place { isAdmitted number ahead minutes askAgain } }
}"""
ADD = f"""mutation Add($sku: String!, $quantity: Int!, $cart: UUID) {{
  answer: addToCart(sku: $sku, quantity: $quantity, cart: $cart) {{
    ...CartFields ...RefusalFields
  }}
}} {CART} {REFUSAL}"""
COUPON = f"""mutation Coupon($code: String!, $cart: UUID) {{
  answer: useCoupon(code: $code, cart: $cart) {{ ...CartFields ...RefusalFields }}
}} {CART} {REFUSAL}"""
INFORM = f"""mutation Inform($information: InformationInput!, $cart: UUID) {{
  answer: setInformation(information: $information, cart: $cart) {{
    ...CartFields ...RefusalFields
  }}
}} {CART} {REFUSAL}"""
PLACE = f"""mutation Place($order: PlaceOrderInput!) {{
  answer: placeOrder(order: $order) {{ ... on Order {{ uid number }} ...RefusalFields }}
}} {REFUSAL}"""
CARD = f"""mutation Card($order: UUID!, $token: String!) {{
  answer: tryAnotherCard(order: $order, paymentToken: $token) {{
    ... on Order {{ uid }} ...RefusalFields
  }}
}} {REFUSAL}"""
CANCEL = f"""mutation Cancel($order: UUID!, $key: UUID!) {{
  answer: cancelOrder(order: $order, key: $key) {{
    ... on Order {{ uid progress {{ outcome cancelWay }} }} ...RefusalFields
  }}
}} {REFUSAL}"""
RETURN = f"""mutation Return($order: UUID!, $request: ReturnInput!) {{
  answer: requestReturn(order: $order, request: $request) {{
    ... on Order {{ uid returns {{ status }} }} ...RefusalFields
  }}
}} {REFUSAL}"""
INFORMATION = {
    name: RECIPIENT[name]
    for name in ("email", "name", "phone", "postcode", "prefecture", "city", "street")
}


def send(client: Client, query: str, headers: Any = None, **variables: Any) -> Any:
    """Send a document. Return the whole answer of Django's test client."""
    body = {"query": query, "variables": variables}
    return client.post(
        ADDRESS, body, content_type="application/json", headers=headers or {}
    )


def ask(client: Client, query: str, headers: Any = None, **variables: Any) -> Any:
    """Send a document. Return its data; errors fail the test."""
    answer = send(client, query, headers, **variables)
    found = answer.json()
    assert "errors" not in found, found["errors"]
    return found["data"]


def faults(answer: Any) -> list[str]:
    """Return the codes of the errors of an answer."""
    return [each["extensions"]["code"] for each in answer.json().get("errors", [])]
