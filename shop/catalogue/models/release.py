"""When a product is for sale, by the database's clock."""

from django.db import models

from shop.database_clock import Now


def published(to_product: str = "") -> models.Q:
    """Return the condition that staff have put a product on sale, and it has begun.

    ``to_product`` is the path from the queried model, such as ``"product__"``.
    """
    return models.Q(
        (f"{to_product}is_active", True),
        (f"{to_product}released_at__lte", Now()),
    )
