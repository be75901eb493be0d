"""Alerts about cards that are being tested: title and lines."""

from django.conf import settings
from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert

DECLINES = "declined_cards"
MANY_CARDS = "many_cards"
WAVE = "wave_of_declines"
ANCHOR = "card-testing"


def write_declines(alert: Alert) -> Notice:
    address, limit = key_of(alert), settings.CARD_TRIES_PER_HOUR
    return f"{limit} cards from {address} were declined within an hour", [
        "Somebody may be testing stolen cards.",
        "No further cards are taken from there until an hour after these.",
        *_next_steps(address),
    ]


def write_many_cards(alert: Alert) -> Notice:
    address = key_of(alert)
    return f"Many cards from {address}: a third of the limit of an hour", [
        f"At {settings.CARDS_PER_HOUR} (CARDS_PER_HOUR) no more are taken from there.",
        "Look at its orders. A carrier's customers have different names and addresses.",
        "If it is a carrier, raise the limit; if not, stop the parcels.",
        *_next_steps(address),
    ]


def write_wave(alert: Alert) -> Notice:
    return f"{key_of(alert)} cards were declined within an hour in the whole shop", [
        "More cards were declined than accepted.",
        "Somebody may be testing stolen cards from many addresses.",
        "Or the bank or Stripe declines good ones: see Stripe's status page.",
        *_next_steps(""),
    ]


WRITERS = {
    DECLINES: write_declines,
    MANY_CARDS: write_many_cards,
    WAVE: write_wave,
}


def _next_steps(address: str) -> list[str]:
    page = reverse("admin:checkout_client_changelist")
    return next_steps(f"{page}?q={address}" if address else page, ANCHOR)
