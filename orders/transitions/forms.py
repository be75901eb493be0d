"""The ids of forms: a form that is sent twice is one act, of one order."""

import uuid
from typing import TypeVar

from django.db.models import Model, QuerySet

from orders.errors import FormOfAnother

M = TypeVar("M", bound=Model)


def made_by_form(rows: QuerySet[M], uid: uuid.UUID, **owner: int) -> M | None:
    """Return the row that this form made before; None: it is sent for the first time.

    ``owner`` says whose the row has to be, such as ``order_id=7``. Raises FormOfAnother
    if it is somebody else's.
    """
    row = rows.filter(uid=uid).first()
    if row is not None and any(getattr(row, k) != pk for k, pk in owner.items()):
        raise FormOfAnother(uid)
    return row
