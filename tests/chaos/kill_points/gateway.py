"""Stripe's gateway with a kill point between two of its calls."""

from checkout.payments.gateway import Intent
from checkout.payments.stripe.gateway import StripeGateway
from orders.models import Order
from shop.countries import JAPAN
from tests.chaos.kill_points.trigger import reach


class DeadlyGateway(StripeGateway):
    def create(
        self, order: str, amount: int, currency: str, key: str, country: str = JAPAN
    ) -> Intent:
        intent = super().create(order, amount, currency, key, country)
        # The intent exists, and the shop has not stored its id yet.
        reach("authorize_payment.created", Order.objects.get(uid=order).email)
        return intent
