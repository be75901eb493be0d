"""The languages that the header offers are those of the setting."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db

OFFERED = re.compile(r'name="language" value="(\w+)"')


def offered() -> list[str]:
    """Return the languages to choose from; header and menu offer the same."""
    page = Client(headers={"accept-language": "fr, en;q=0.5"}).get("/")
    return list(dict.fromkeys(OFFERED.findall(page.content.decode())))


def test_english_and_japanese_are_offered() -> None:
    assert offered() == ["en", "ja"]


def test_a_further_language_is_offered_and_shows_english_where_it_has_no_words(
    settings: Settings,
) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("fr", "Français")]

    page = Client(headers={"accept-language": "fr"}).get("/").content.decode()

    assert offered() == ["fr", "en", "ja"]
    assert '<html lang="fr"' in page
    assert ">Français</button>" in page
    assert "New arrivals" in page


def test_one_language_alone_leaves_nothing_to_choose(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]

    assert offered() == []
