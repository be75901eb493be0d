"""How often the steps are tried again, for how long one is claimed, shared links."""

from datetime import timedelta

from django.conf import settings

from saga.step import RetryPolicy

RETRY = RetryPolicy(
    base=settings.SAGA_RETRY_BASE, max_attempts=settings.SAGA_MAX_ATTEMPTS
)
# No customer waits for the mail, and outages of mail servers last minutes: 1, 2, 4 ...
# seconds.
MAIL_RETRY = RetryPolicy(
    base=settings.SAGA_RETRY_BASE,
    cap=300,
    max_attempts=2 * settings.SAGA_MAX_ATTEMPTS,
)
LEASE = timedelta(seconds=settings.SAGA_LEASE)
# Authorizing and capturing need no message between them.
PAYMENT_LINK = "checkout.take_payment"
