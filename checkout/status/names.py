"""Names that the checkout's saga and its readers share."""

CHECKOUT_NAME = "checkout"

# The steps, in their order.
RESERVE = "reserve_stock"
AUTHORIZE = "authorize_payment"
CAPTURE = "capture_payment"
FULFIL = "fulfil_order"
SEND_CONFIRMATION = "send_confirmation"

# What a saga waits for at AUTHORIZE.
WAIT_FOR_CARD = "card"
WAIT_FOR_CHALLENGE = "challenge"
WAIT_FOR_VOUCHER = "voucher"
WAIT_FOR_SHIPMENT = "shipment"

# The dependency of the payment steps, for which sagas may be parked.
STRIPE = "stripe"
