"""Fields that staff write in both languages."""

from django.db import models
from django.utils.translation import get_language


def in_language(thing: models.Model, field: str, language: str | None = None) -> str:
    """Return a field in ``language`` (default: the active one), or in English."""
    code = (language or get_language() or "en")[:2]
    return str(getattr(thing, f"{field}_{code}", "") or getattr(thing, f"{field}_en"))
