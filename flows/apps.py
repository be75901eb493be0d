from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FlowsConfig(AppConfig):
    name = "flows"
    label = "flows"
    verbose_name = _("Flows")

    def ready(self) -> None:
        # Imported here: they read models. Importing a definition registers it, so
        # every process knows every saga it may meet.
        import flows.daily_close.definition  # noqa: PLC0415
        import flows.erasure.definition  # noqa: PLC0415
        import flows.price_campaign.definition  # noqa: PLC0415
        import flows.product_import.definition  # noqa: PLC0415
        import flows.stock_take.definition  # noqa: F401, PLC0415
        from flows.erasure import services as erasure  # noqa: PLC0415
        from shop.customers import hooks  # noqa: PLC0415

        hooks.register_deletion(
            request=erasure.request,
            pending=erasure.pending,
            withdraw=erasure.withdraw,
        )
