from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutgoingConfig(AppConfig):
    name = "outgoing"
    label = "outgoing"
    verbose_name = _("Events to other systems")

    def ready(self) -> None:
        from events.consumers import (  # noqa: PLC0415
            register_provider,
            register_silent,
        )
        from outgoing.bridge import consumer as bridge  # noqa: PLC0415
        from outgoing.webhooks import consumers as webhooks  # noqa: PLC0415

        register_provider(bridge.provide)
        register_provider(webhooks.provide)
        register_silent(webhooks.all_names)
