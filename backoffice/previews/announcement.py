"""Preview what pausing checkout, setting a banner or ending either will do."""

from django.utils.translation import gettext, ngettext

from checkout.announcements.models import Announcement
from checkout.announcements.services import (
    active_announcements,
)
from saga.models import Saga


def list_pause_effects() -> list[str]:
    """Return what pausing checkout will do, in sentences."""
    return [
        gettext("Will take no new orders until staff resume checkout."),
        _effect_on_orders(Saga.objects.main_paths().live().count()),
        gettext("Will keep every cart, and what customers have typed."),
        _effect_on_pages(),
    ]


def _effect_on_orders(under_way: int) -> str:
    if not under_way:
        return gettext("Will not touch orders: none is under way.")
    text = ngettext(
        "Will not touch orders: the %(count)d that is under way goes on, other "
        "cards and payments at stores included.",
        "Will not touch orders: the %(count)d that are under way go on, other "
        "cards and payments at stores included.",
        under_way,
    )
    return text % {"count": under_way}


def _effect_on_pages() -> str:
    return gettext("Will show your message on every page, at once.")


def list_banner_effects() -> list[str]:
    """Return what setting the banner will do, in sentences."""
    effects = [
        _effect_on_pages(),
        gettext("Will not stop orders: for that, pause checkout."),
    ]
    before = active_announcements().banner
    if before:
        text = gettext("Will take the place of the banner that stands: “%(text)s”")
        effects.append(text % {"text": before.text})
    return effects


def list_lift_effects(row: Announcement) -> list[str]:
    """Return what ending a pause or a banner will do, in sentences."""
    effects = [gettext("Will take the message off all pages, at once.")]
    if row.kind == Announcement.Kind.PAUSE:
        return [gettext("Will take orders again at once."), *effects]
    return effects
