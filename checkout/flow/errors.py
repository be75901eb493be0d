"""Errors of the checkout's steps that staff read by their own name."""

from saga.errors import ManualIntervention
from shop.money import Money


class OtherAmount(ManualIntervention):
    """Not the order's amount was charged: a person decides what becomes of it.

    Resuming stops here again, until the step is marked as done or all is refunded.
    """

    def __init__(self, charged: Money, wanted: Money) -> None:
        super().__init__(f"{charged} was charged instead of {wanted}")
