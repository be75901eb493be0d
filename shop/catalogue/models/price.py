"""The price that counts: of the sale while it lasts, else the regular one.

``PRICE_NOW`` is the only place that decides it, within the statement that reads the
price and by the database's clock (docs/adr/0056).
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, PositiveIntegerField
from django.db.models.sql.compiler import SQLCompiler

from shop.database_clock import Now

# The moment of its beginning belongs to a sale, that of its end does not.
_PRICE_NOW = (
    "CASE WHEN {sale} IS NOT NULL AND ({begins} IS NULL OR {begins} <= {now}) "
    "AND ({ends} IS NULL OR {now} < {ends}) THEN {sale} ELSE {price} END"
)
_COLUMNS = {
    "price": "price_minor",
    "sale": "sale_minor",
    "begins": "sale_from",
    "ends": "sale_until",
}


class PriceNow(Func):
    """The price of a variant at the database's time, in minor units.

    ``to_variant`` is the path from the queried model, such as ``"variant__"``.
    """

    output_field = PositiveIntegerField()

    def __init__(self, to_variant: str = "", **options: Any) -> None:
        columns = [F(f"{to_variant}{name}") for name in _COLUMNS.values()]
        super().__init__(*columns, Now(), **options)

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 (Django passes it by name)
        *_none: Any,
        **_options: Any,
    ) -> tuple[str, list[Any]]:
        *columns, now = [
            compiler.compile(each) for each in self.get_source_expressions()
        ]
        names = dict(zip(_COLUMNS, [sql for sql, _none in columns], strict=True))
        return _PRICE_NOW.format(now=now[0], **names), [*now[1], *now[1]]


def price_now_sql(table: str, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
    """Return the same for a statement written by hand, with its parameters.

    ``table`` is the name that the statement gives to the table of variants.
    """
    now, parameters = Now().as_sql(None, connection)
    names = {name: f"{table}.{column}" for name, column in _COLUMNS.items()}
    return _PRICE_NOW.format(now=now, **names), [*parameters, *parameters]
