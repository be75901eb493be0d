from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckoutConfig(AppConfig):
    name = "checkout"
    label = "checkout"
    verbose_name = _("Checkout")

    def ready(self) -> None:
        # Registers the definition: every process that may meet a saga must know it.
        import checkout.flow  # noqa: F401, PLC0415
