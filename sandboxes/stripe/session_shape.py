"""What a Checkout Session and its items look like, key by key."""

from typing import Any

from sandboxes.stripe.store import Object, new_id

# The parameters of Stripe's that the sandbox knows; it refuses others by name.
TAKEN = frozenset(
    [
        "allowed_payment_method_types",
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer_email",
        "expand",
        "expires_at",
        "line_items",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data",
        "payment_method_types",
        "submit_type",
        "success_url",
        "ui_mode",
    ]
)


def blank(params: dict[str, Any], amount: int, currency: str) -> Object:
    """Return an open session of ``amount`` minor units, without id and times."""
    return {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_account": None,
        "customer_creation": "if_required",
        "customer_details": details(params, None) if _email(params) else None,
        "customer_email": _email(params),
        "discounts": [],
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": _no_invoice(),
        "livemode": False,
        "locale": params.get("locale"),
        "managed_payments": {"enabled": False},
        "metadata": params.get("metadata") or {},
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def _email(params: dict[str, Any]) -> str | None:
    return params.get("customer_email")


def details(session: dict[str, Any], billing: Object | None) -> Object:
    """Return ``customer_details``, with what was entered on the page if anything."""
    given = billing or {}
    return {
        "address": given.get("address"),
        "business_name": None,
        "email": given.get("email") or _email(session),
        "individual_name": None,
        "name": given.get("name"),
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _no_invoice() -> Object:
    return {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }


def item(data: dict[str, Any], quantity: int) -> Object:
    """Return a line item of ``price_data``."""
    amount = int(data["unit_amount"]) * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": data["currency"].lower(),
        "description": data["product_data"]["name"],
        "metadata": {},
        "price": None,
        "quantity": quantity,
    }
