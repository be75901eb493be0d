"""A dump of the database, to compare before and after."""

from typing import Any

from django.apps import apps
from django.db.models import Model

_OURS = ("saga", "backoffice", "checkout", "orders", "inventory")


def dump() -> dict[str, list[dict[str, Any]]]:
    """Return every row of the shop's tables, by table."""
    models: list[type[Model]] = [
        model
        for label in _OURS
        for model in apps.get_app_config(label).get_models()
        if not model._meta.proxy
    ]
    return {
        model._meta.db_table: list(model._default_manager.order_by("pk").values())
        for model in models
    }
