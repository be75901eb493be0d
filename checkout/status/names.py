"""Names that the sagas of an order and their readers share."""

CHECKOUT_NAME = "checkout"
CANCELLATION_NAME = "cancellation"

# The steps, in their order.
RESERVE = "reserve_stock"
AUTHORIZE = "authorize_payment"
CAPTURE = "capture_payment"
FULFIL = "fulfil_order"
SEND_CONFIRMATION = "send_confirmation"

# The steps of a cancellation after the payment.
STOP_SHIPMENT = "stop_shipment"
RETURN_GOODS = "return_goods"
REFUND_CHARGE = "refund_charge"
CLOSE_CANCELLATION = "close_cancellation"

# The saga that follows where a warehouse system sends the parcels, and its steps.
SHIPPING_NAME = "shipping"
REQUEST_FULFILMENT = "request_fulfilment"
AWAIT_ACCEPTANCE = "await_acceptance"
AWAIT_SHIPMENT = "await_shipment"
ANNOUNCE_SHIPMENT = "announce_shipment"
AWAIT_DELIVERY = "await_delivery"

# What it waits for.
WAIT_FOR_ACCEPTANCE = "acceptance"
WAIT_FOR_PARCELS = "parcels"
WAIT_FOR_GOODS = "missing goods"
WAIT_FOR_CALL_OFF = "cancellation"
WAIT_FOR_DELIVERY = "delivery"

# What a saga waits for at AUTHORIZE.
WAIT_FOR_CARD = "card"
WAIT_FOR_CHALLENGE = "challenge"
WAIT_FOR_VOUCHER = "voucher"
WAIT_FOR_PAGE = "payment_page"
WAIT_FOR_SHIPMENT = "shipment"
WAIT_FOR_TURN = "turn"
# What a saga waits for at STOP_SHIPMENT.
WAIT_FOR_WAREHOUSE = "warehouse"

# The topic of the notice that a customer asks to cancel; followed by the request's key.
ASKED_TO_CANCEL = "cancellation_requested"

# The dependency of the payment steps, for which sagas may be parked.
STRIPE = "stripe"
# That of the steps that ask the warehouse.
WAREHOUSE = "warehouse"
