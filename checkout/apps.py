from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckoutConfig(AppConfig):
    name = "checkout"
    label = "checkout"
    verbose_name = _("Checkout")

    def ready(self) -> None:
        # Imported here: they read models, which are loaded by now. Importing the
        # definition registers it, so every process knows every saga it may meet.
        import checkout.flow.definition  # noqa: F401, PLC0415
        from checkout.aftersales.disputes import notices as disputes  # noqa: PLC0415
        from checkout.aftersales.refunds import notices as refunds  # noqa: PLC0415
        from checkout.aftersales.shortages import mails as shortages  # noqa: PLC0415
        from checkout.alerts import notices  # noqa: PLC0415
        from checkout.mail import context  # noqa: PLC0415
        from checkout.mail import notices as mail  # noqa: PLC0415
        from checkout.reconciliation import notices as reconciliation  # noqa: PLC0415

        notices.register(disputes.WRITERS)
        notices.register(refunds.WRITERS)
        notices.register(mail.WRITERS)
        notices.register(reconciliation.WRITERS)
        context.register(shortages.READERS)
