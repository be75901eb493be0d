from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutgoingConfig(AppConfig):
    name = "outgoing"
    label = "outgoing"
    verbose_name = _("Events to other systems")

    def ready(self) -> None:
        from events.consumers import register_provider  # noqa: PLC0415
        from outgoing.webhooks.consumers import provide  # noqa: PLC0415

        register_provider(provide)
