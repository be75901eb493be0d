from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckoutConfig(AppConfig):
    name = "checkout"
    label = "checkout"
    verbose_name = _("Checkout")

    def ready(self) -> None:
        # Imported here: they read models, which are loaded by now. Importing the
        # definition registers it, so every process knows every saga it may meet.
        import checkout.aftersales.cancellations.definition  # noqa: PLC0415
        import checkout.aftersales.return_arrivals  # noqa: PLC0415
        import checkout.aftersales.warehouse.shipping.definition  # noqa: PLC0415
        import checkout.flow.definition  # noqa: PLC0415
        import checkout.placement.checks  # noqa: F401, PLC0415
        from checkout.cart import context_processors as cart  # noqa: PLC0415

        _register_notices()
        _register_mails()
        _register_facts()
        _register_events()
        cart.register_pill()
        _register_customers()


def _register_customers() -> None:
    from celery import current_app  # noqa: PLC0415

    from checkout.contact import mails as contact  # noqa: PLC0415
    from checkout.my_page import hooks as my_page  # noqa: PLC0415
    from checkout.my_page import look_up  # noqa: PLC0415
    from saga.enqueue import deliver  # noqa: PLC0415
    from shop.customers import hooks, outbox  # noqa: PLC0415

    def send_by_worker(pk: int) -> None:
        task = current_app.signature(outbox.SEND_TASK, args=(pk,))
        deliver(task, f"account mail {pk}")

    hooks.register(
        signed_in=my_page.signed_in,
        signed_out=my_page.signed_out,
        exports=my_page.EXPORTS,
        eraser=my_page.erase,
    )
    outbox.register_reader(look_up.KIND, look_up.describe)
    for kind, reader in contact.READERS.items():
        outbox.register_reader(kind, reader)
    outbox.register_sender(send_by_worker)


def _register_notices() -> None:
    from checkout.aftersales.cancellations import notices as cancellations  # noqa: PLC0415
    from checkout.aftersales.disputes import notices as disputes  # noqa: PLC0415
    from checkout.aftersales.refunds import notices as refunds  # noqa: PLC0415
    from checkout.aftersales.returns import notices as returns  # noqa: PLC0415
    from checkout.aftersales.warehouse import notices as warehouse  # noqa: PLC0415
    from checkout.alerts import clocks, failed_jobs, notices  # noqa: PLC0415
    from checkout.card_testing import notices as card_testing  # noqa: PLC0415
    from checkout.mail import notices as mail  # noqa: PLC0415
    from checkout.reconciliation import notices as reconciliation  # noqa: PLC0415
    from checkout.stream import (  # noqa: PLC0415
        bridge,
        dead_letters,
        endpoints,
        low_stock,
    )
    from checkout.webhooks import notices as webhooks  # noqa: PLC0415

    notices.register(bridge.WRITERS)
    notices.register(cancellations.WRITERS)
    notices.register(card_testing.WRITERS)
    notices.register(clocks.WRITERS)
    notices.register(dead_letters.WRITERS)
    notices.register(disputes.WRITERS)
    notices.register(endpoints.WRITERS)
    notices.register(failed_jobs.WRITERS)
    notices.register(refunds.WRITERS)
    notices.register(returns.WRITERS)
    notices.register(low_stock.WRITERS)
    notices.register(mail.WRITERS)
    notices.register(reconciliation.WRITERS)
    notices.register(warehouse.WRITERS)
    notices.register(webhooks.WRITERS)


def _register_mails() -> None:
    from checkout.aftersales.cancellations import mails as cancellations  # noqa: PLC0415
    from checkout.aftersales.returns import mails as returns  # noqa: PLC0415
    from checkout.aftersales.shortages import mails as shortages  # noqa: PLC0415
    from checkout.mail import context  # noqa: PLC0415

    context.register(cancellations.READERS)
    context.register(returns.READERS)
    context.register(shortages.READERS)


def _register_facts() -> None:
    from checkout.payments import facts as payments  # noqa: PLC0415
    from checkout.shipping import facts as shipping  # noqa: PLC0415
    from shop.pages import facts  # noqa: PLC0415

    facts.register(payments.READERS)
    facts.register(shipping.READERS)


def _register_events() -> None:
    from checkout.restock import services as restock  # noqa: PLC0415
    from checkout.statistics import services as statistics  # noqa: PLC0415
    from checkout.stream import (  # noqa: PLC0415
        bridge,
        dead_letters,
        endpoints,
        low_stock,
        orders,
        stock,
    )
    from events.consumers import register_consumer  # noqa: PLC0415
    from events.deliveries import when_dead  # noqa: PLC0415
    from events.types import register_source  # noqa: PLC0415
    from outgoing.bridge.consumer import when_away  # noqa: PLC0415
    from outgoing.webhooks.health import when_disabled  # noqa: PLC0415

    register_source(orders.source())
    register_source(stock.source())
    register_consumer(low_stock.CONSUMER)
    register_consumer(restock.CONSUMER)
    register_consumer(statistics.CONSUMER)
    when_dead(dead_letters.alert)
    when_disabled(endpoints.alert)
    when_away(bridge.alert)
