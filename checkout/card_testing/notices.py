"""Alerts about cards that are being tested: title and lines."""

from django.conf import settings
from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert
from shop.web.admin_addresses import list_page

DECLINES = "declined_cards"
MANY_CARDS = "many_cards"
WAVE = "wave_of_declines"
ANCHOR = "card-testing"


def write_declines(alert: Alert) -> Notice:
    address, limit = key_of(alert), settings.CARD_TRIES_PER_HOUR
    title = gettext("%(count)d cards from %(address)s were declined within an hour")
    return title % {"count": limit, "address": address}, [
        gettext("Somebody may be testing stolen cards."),
        gettext("No further cards are taken from there until an hour after these."),
        *_next_steps(address),
    ]


def write_many_cards(alert: Alert) -> Notice:
    address = key_of(alert)
    title = gettext("Many cards from %(address)s: a third of the limit of an hour")
    limit = gettext("At %(count)d (CARDS_PER_HOUR) no more are taken from there.")
    return title % {"address": address}, [
        limit % {"count": settings.CARDS_PER_HOUR},
        gettext(
            "Look at its orders. A carrier's customers have different names and "
            "addresses."
        ),
        gettext("If it is a carrier, raise the limit; if not, stop the parcels."),
        *_next_steps(address),
    ]


def write_wave(alert: Alert) -> Notice:
    title = gettext("%(count)s cards were declined within an hour in the whole shop")
    return title % {"count": key_of(alert)}, [
        gettext("More cards were declined than accepted."),
        gettext("Somebody may be testing stolen cards from many addresses."),
        gettext("Or the bank or Stripe declines good ones: see Stripe's status page."),
        *_next_steps(""),
    ]


WRITERS = {
    DECLINES: write_declines,
    MANY_CARDS: write_many_cards,
    WAVE: write_wave,
}


def _next_steps(address: str) -> list[str]:
    page = list_page("checkout_client")
    return next_steps(f"{page}?q={address}" if address else page, ANCHOR)
