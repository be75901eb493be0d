"""Tables whose new rows become events: the database notes each row as it is written.

The note is part of the transaction that writes the row, whatever writes it: ``save()``,
``bulk_create()`` or SQL by hand. So no change is without its event and no event without
its change, and the code that writes the row pays no statement for it (docs/adr/0063).
The room ``events`` reads the notes.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table

from shop.database.table_trigger import TableTrigger

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION capture_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_capturedrow (source, row_id) VALUES (TG_ARGV[0], NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER %(name)s AFTER INSERT ON %(table)s
FOR EACH ROW EXECUTE FUNCTION capture_row(%(source)s)
"""
_SQLITE = """
CREATE TRIGGER %(name)s AFTER INSERT ON %(table)s BEGIN
    INSERT INTO events_capturedrow (source, row_id) VALUES (%(source)s, NEW.id);
END
"""


class CapturedRows(TableTrigger):
    """Every new row of this table is noted for the source of that name."""

    def __init__(self, *, name: str, source: str) -> None:
        super().__init__(name=name)
        self.source = source

    def options(self) -> dict[str, Any]:
        return {"source": self.source}

    def triggers(
        self, table: Table, schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        on_postgresql = schema_editor.connection.vendor == "postgresql"
        return [
            Statement(
                _POSTGRESQL if on_postgresql else _SQLITE,
                name=schema_editor.quote_name(self.name),
                table=table,
                source=f"'{self.source}'",
            )
        ]
