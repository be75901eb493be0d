"""Goods that come in, or are announced, under a SKU that the stock may not know yet."""

from django.db import transaction

from inventory.errors import UnknownSku
from inventory.models import StockItem
from inventory.services import announce, receive
from shop.catalogue.services import lock_sku


@transaction.atomic
def receive_new(sku: str, quantity: int, reference: str, note: str, actor: str) -> bool:
    """Do as ``receive`` for a SKU that may be new. Raises UnknownSku.

    A SKU that the stock does not know yet must be a variant's, and stays so meanwhile.
    """
    _check_known(sku)
    return receive(sku, quantity, reference, note, actor)


@transaction.atomic
def announce_new(
    sku: str, difference: int, reference: str, note: str = "", actor: str = ""
) -> bool:
    """Do as ``announce`` for a SKU that may be new. Raises UnknownSku."""
    _check_known(sku)
    return announce(sku, difference, reference, note, actor)


def _check_known(sku: str) -> None:
    if not StockItem.objects.filter(sku=sku).exists() and not lock_sku(sku):
        raise UnknownSku(sku)
