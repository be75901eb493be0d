"""Preview what opening, changing or closing a waiting room will do."""

from django.conf import settings
from django.utils.translation import gettext, ngettext

from checkout.waiting_room.models import Ticket, WaitingRoom


def list_open_effects() -> list[str]:
    """Return what opening a room will do, in sentences."""
    minutes = settings.WAITING_ROOM_MINUTES
    return [
        gettext(
            "Will let the buyers of the product into the checkout a number at a time, "
            "in the order in which they come. Other goods are not touched."
        ),
        ngettext(
            "Will give each of them %(count)d minute to order; then the place is the "
            "next customer's.",
            "Will give each of them %(count)d minutes to order; then the place is the "
            "next customer's.",
            minutes,
        )
        % {"count": minutes},
        gettext("Will set no goods aside for those who wait."),
        gettext(
            "Will close automatically once customers had to wait and the rush is over."
        ),
    ]


def list_places_effects(room: WaitingRoom) -> list[str]:
    """Return what another number of places will do, in sentences."""
    return [
        _effect_on_line(room),
        gettext("Will let nobody lose the place in the checkout."),
    ]


def list_close_effects(room: WaitingRoom) -> list[str]:
    """Return what closing the room will do, in sentences."""
    return [
        _effect_on_line(room),
        gettext("Will let all of them go to the checkout at once."),
    ]


def _effect_on_line(room: WaitingRoom) -> str:
    waiting = Ticket.objects.present().filter(room=room).count()
    text = ngettext(
        "%(count)d customer is waiting now.",
        "%(count)d customers are waiting now.",
        waiting,
    )
    return text % {"count": waiting}
