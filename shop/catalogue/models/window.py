"""The version of the shop window: it changes with everything that guests are shown.

The database itself changes it, in the transaction of the change, whatever writes: a
form, ``update()``, ``bulk_create()``, a cascade, SQL by hand (docs/adr/0029).
"""

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.utils.translation import gettext_lazy as _

from shop.database.table_trigger import TableTrigger

# Sums of all slots fit a 64-bit integer, and two are equal by chance once in 2 ** 48.
LARGEST_TOKEN = 2**48
SLOTS = 64

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION change_shop_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_windowversion (slot, token)
    VALUES (pg_backend_pid() %% %(slots)s, floor(random() * %(largest)s)::bigint)
    ON CONFLICT (slot) DO UPDATE SET token = excluded.token;
    RETURN NULL;
END $$;
CREATE TRIGGER %(name)s AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
ON %(table)s EXECUTE FUNCTION change_shop_window()
"""
# Not ON CONFLICT or REPLACE: INSERT OR IGNORE outside would overrule them in here.
_SQLITE = """
CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s BEGIN
    DELETE FROM catalogue_windowversion WHERE slot = 0;
    INSERT INTO catalogue_windowversion (slot, token)
    VALUES (0, abs(random() %% %(largest)s));
END
"""


class WindowVersion(models.Model):
    """Random numbers; their sum is the version of the shop window.

    On PostgreSQL there are many rows, one for each connection that changes something at
    the same time: with one alone, two edits would wait for each other, and could each
    hold what the other one needs. Only triggers write here.
    """

    slot = models.PositiveSmallIntegerField(_("slot"), primary_key=True)
    token = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("version of the shop window")
        verbose_name_plural = _("versions of the shop window")

    def __str__(self) -> str:
        return f"{self.slot}: {self.token}"


class InShopWindow(TableTrigger):
    """Guests are shown what is in this table: every change of it changes the version.

    Django makes and removes the triggers with the table, as it does constraints.
    """

    def triggers(
        self, table: Table, schema_editor: BaseDatabaseSchemaEditor
    ) -> list[Statement]:
        quote = schema_editor.quote_name
        parts = {"table": table, "largest": LARGEST_TOKEN}
        if schema_editor.connection.vendor == "postgresql":
            name = quote(self.name)
            return [Statement(_POSTGRESQL, name=name, slots=SLOTS, **parts)]
        return [
            Statement(_SQLITE, name=quote(f"{self.name}_{event}"), event=event, **parts)
            for event in ("insert", "update", "delete")
        ]
