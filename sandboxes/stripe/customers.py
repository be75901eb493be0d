"""Customers, and their saved payment methods."""

import secrets

from sandboxes.stripe import billing, events, lists, payment_methods
from sandboxes.stripe.call import Call
from sandboxes.stripe.errors import InvalidRequest
from sandboxes.stripe.store import Object, new_id

_PLAIN = (
    "balance",
    "description",
    "email",
    "name",
    "phone",
    "preferred_locales",
    "tax_exempt",
    "invoice_prefix",
    "next_invoice_sequence",
    "business_name",
    "individual_name",
)


def create(call: Call) -> Object:
    customer = _blank(call)
    _apply(call, customer)
    call.store.put(customer)
    if call.params.get("payment_method"):
        _keep(
            call, payment_methods.named(call, call.params["payment_method"]), customer
        )
    events.emit(call, "customer.created", customer)
    return customer


def _blank(call: Call) -> Object:
    return {
        "id": new_id("cus").replace("_3", "_", 1)[:18],
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.clock.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": secrets.token_hex(4).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _apply(call: Call, customer: Object) -> None:
    params = call.params
    for name in _PLAIN:
        if name in params:
            customer[name] = params[name] if params[name] != "" else None
    if "address" in params:
        given = params["address"]
        customer["address"] = billing.address(given) if given else None
    if "shipping" in params:
        customer["shipping"] = billing.shipping(params["shipping"])
    default = (params.get("invoice_settings") or {}).get("default_payment_method")
    if default:
        call.find("payment_method", default)
        customer["invoice_settings"]["default_payment_method"] = default
    customer["metadata"] = billing.merged_metadata(
        customer["metadata"], params.get("metadata")
    )


def retrieve(call: Call) -> Object:
    """Return the customer; of a deleted one only id and ``deleted``."""
    customer = call.find("customer", call.path["id"], "id")
    return _gone(customer) if customer.get("deleted") else customer


def _gone(customer: Object) -> Object:
    return {"id": customer["id"], "object": "customer", "deleted": True}


def living(call: Call, identifier: str) -> Object:
    customer = call.find("customer", identifier, "customer")
    if customer.get("deleted"):
        raise InvalidRequest(
            message=f"No such customer: '{identifier}'",
            code="resource_missing",
            param="customer",
        )
    return customer


def update(call: Call) -> Object:
    customer = living(call, call.path["id"])
    _apply(call, customer)
    call.store.put(customer)
    events.emit(call, "customer.updated", customer)
    return customer


def delete(call: Call) -> Object:
    customer = living(call, call.path["id"])
    events.emit(call, "customer.deleted", customer)
    gone = _gone(customer)
    call.store.put({**gone, "created": customer["created"]})
    return gone


def page(call: Call) -> Object:
    return lists.page(
        call, "customer", ("email",), where="json_extract(body, '$.deleted') IS NULL"
    )


def attach(call: Call) -> Object:
    """Save a payment method for a customer."""
    identifier = call.params.get("customer")
    if not identifier:
        raise InvalidRequest(
            message="Missing required param: customer.",
            code="parameter_missing",
            param="customer",
        )
    method = payment_methods.named(call, call.path["id"])
    return _keep(call, method, living(call, identifier))


def _keep(call: Call, method: Object, customer: Object) -> Object:
    if method["customer"] not in (None, customer["id"]):
        raise InvalidRequest(
            message="The payment method you provided has already been attached to a "
            "customer.",
            code="payment_method_unexpected_state",
        )
    method["customer"] = customer["id"]
    call.store.put(method)
    events.emit(call, "payment_method.attached", method)
    return method


def detach(call: Call) -> Object:
    method = call.find("payment_method", call.path["id"])
    if method["customer"] is None:
        raise InvalidRequest(
            message="The payment method you provided is not attached to a customer so "
            "detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    before, method["customer"] = method["customer"], None
    call.store.put(method)
    events.emit(call, "payment_method.detached", method, {"customer": before})
    return method


def methods_page(call: Call) -> Object:
    customer = living(call, call.path["id"])["id"]
    return lists.page(
        call,
        "payment_method",
        ("type",),
        where="customer = ?",
        values=(customer,),
        url=f"/v1/customers/{customer}/payment_methods",
    )


def method_of(call: Call) -> Object:
    customer = living(call, call.path["id"])["id"]
    method = call.find("payment_method", call.path["inner"])
    if method["customer"] != customer:
        raise InvalidRequest(
            message=f"No such PaymentMethod: '{method['id']}'",
            code="resource_missing",
            param="payment_method",
        )
    return method
