"""Goods that come in under a SKU that the stock may not know yet."""

from django.db import transaction

from inventory.errors import UnknownSku
from inventory.models import StockItem
from inventory.services import receive
from shop.catalogue.services import lock_sku


@transaction.atomic
def receive_new(sku: str, quantity: int, reference: str, note: str, actor: str) -> bool:
    """Do as ``receive`` for a SKU that may be new. Raises UnknownSku.

    A SKU that the stock does not know yet must be a variant's, and stays so meanwhile.
    """
    if not StockItem.objects.filter(sku=sku).exists() and not lock_sku(sku):
        raise UnknownSku(sku)
    return receive(sku, quantity, reference, note, actor)
