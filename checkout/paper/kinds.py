"""The kinds of paper, by the names that addresses use."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PaperKind(TextChoices):
    PACKING_SLIP = "packing-slip", _("packing slip")
    DELIVERY_NOTE = "delivery-note", _("delivery note")
    RECEIPT = "receipt", _("receipt")
    INVOICE = "invoice", _("qualified invoice")
    CREDIT_NOTE = "credit-note", _("credit note")


# They go with the parcel: they are printed as often as they are needed.
OF_PARCELS = (PaperKind.PACKING_SLIP, PaperKind.DELIVERY_NOTE)
# They prove a payment: each issue is recorded.
OF_MONEY = (PaperKind.RECEIPT, PaperKind.INVOICE, PaperKind.CREDIT_NOTE)
