"""Parts of an order's number, phone and name by which staff search, for its indexes.

They are written without parameters: SQLite uses an index of an expression only for a
query that repeats it to the letter.
"""

from typing import Any

from django.db.models import CharField, Func

# The day and a hyphen come before it.
NUMBER_TAIL_AT = 7
# So many digits narrow a hundred thousand orders to about ten.
PHONE_TAIL = 4


class NumberTail(Func):
    """What people say of a number on the phone: the part after the day."""

    function = "SUBSTR"
    template = f"%(function)s(%(expressions)s, {NUMBER_TAIL_AT + 1})"
    output_field = CharField()


class PhoneDigits(Func):
    """The digits of a phone number, which is kept in groups."""

    function = "REPLACE"
    template = "%(function)s(%(expressions)s, '-', '')"
    output_field = CharField()


class PhoneTail(Func):
    """The last PHONE_TAIL digits of a phone number."""

    template = f"SUBSTR(REPLACE(%(expressions)s, '-', ''), -{PHONE_TAIL})"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        template = f"RIGHT(REPLACE(%(expressions)s, '-', ''), {PHONE_TAIL})"
        return self.as_sql(compiler, connection, template=template, **kwargs)


class SecondName(Func):
    """What follows the first space of a name, else the name.

    It is the given name in Japanese, and else mostly the family name.
    """

    function = "INSTR"
    template = "SUBSTR(%(expressions)s, %(function)s(%(expressions)s, ' ') + 1)"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRPOS", **kwargs)
