"""Errors of the checkout's steps that staff read by their own name."""

from orders.models import PaymentPage
from saga.errors import ManualIntervention
from shop.money import Money


class OtherAmount(ManualIntervention):
    """Not the order's amount was charged: a person decides what becomes of it.

    Resuming stops here again, until the step is marked as done or all is refunded.
    """

    def __init__(self, charged: Money, wanted: Money) -> None:
        super().__init__(f"{charged} was charged instead of {wanted}")


class PageStaysOpen(ManualIntervention):
    """The provider refuses to close the payment page: the customer can still pay there.

    Nothing is undone before: it would be paid for goods that went back into stock.
    Resumed, the page is read first; it closes by itself in the end.
    """

    def __init__(self, page: PaymentPage) -> None:
        super().__init__(
            f"Stripe refuses to close the payment page {page.session_id}, which stays "
            f"open until {page.expires_at:%Y-%m-%d %H:%M} UTC"
        )
