"""A column of money."""

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import models

Given = TypeVar("Given")
Got = TypeVar("Got")

if TYPE_CHECKING:
    # Django's fields take type parameters in their stubs only.
    class _Column(models.PositiveIntegerField[Given, Got]): ...

else:

    class _Column(models.PositiveIntegerField, Generic[Given, Got]):
        pass


class MoneyColumn(_Column[Given, Got]):
    """Minor units of a currency, zero or more. Staff fill it in as people write money.

    For the database and its migrations it is a whole number like any other.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.PositiveIntegerField", args, kwargs
