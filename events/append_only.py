"""Tables whose rows are never changed: the database refuses it."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table

from shop.database.table_trigger import TableTrigger

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of this table are never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER %(name)s BEFORE UPDATE ON %(table)s
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
_SQLITE = """
CREATE TRIGGER %(name)s BEFORE UPDATE ON %(table)s BEGIN
    SELECT RAISE(ABORT, 'rows of this table are never changed');
END
"""


class AppendOnly(TableTrigger):
    """Refuses every UPDATE of the table with an IntegrityError.

    Rows may be removed: by age, when nothing is to be delivered of them any more.
    """

    def triggers(
        self, table: Table, schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        on_postgresql = schema_editor.connection.vendor == "postgresql"
        template = _POSTGRESQL if on_postgresql else _SQLITE
        name = schema_editor.quote_name(self.name)
        return [Statement(template, name=name, table=table)]
