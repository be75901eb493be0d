"""Secrets are hidden in texts and in JSON values; everything else stays readable."""

import pytest

from shop.text.redaction import COVER, HIDDEN, PATTERNS, redact_json, redact_text

SECRETS = {
    "API key": "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "webhook secret": "whsec_abc+def/123==",
    "confirmation token": "ctoken_1NnQUf2",
    "token of a card": "tok_1NnQUf2",
    "client secret": "_secret_xyz",
    "card number": "4242 4242 4242 4242",
}


def test_each_pattern_has_an_example_here() -> None:
    assert set(SECRETS) == set(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_what_is_kept_and_what_is_shown_hides_each_secret(name: str) -> None:
    text = f"refused {SECRETS[name]} again"

    assert redact_text(text) == f"refused {HIDDEN} again"
    assert redact_text(text, COVER) == f"refused {COVER} again"
    assert redact_json({"said": [text]}, COVER) == {"said": [f"refused {COVER} again"]}


def test_each_pattern_hides_only_its_own_example() -> None:
    text = ", ".join(SECRETS.values())

    assert redact_text(text) == ", ".join([HIDDEN] * len(SECRETS))


@pytest.mark.parametrize(
    "detail",
    [
        "Failing row contains (7, 港 花子, 西麻布1-2-3).",
        "Failing row contains (7, 港 花子\n西麻布1-2-3, x).",
        "Key (email)=(hanako@customer.example) already exists.",
    ],
)
def test_what_the_database_quotes_is_hidden_and_its_other_lines_stay(
    detail: str,
) -> None:
    text = f"refused\nDETAIL:  {detail}\nHINT: y"

    assert redact_text(text) == f"refused\nDETAIL:{HIDDEN}\nHINT: y"


def test_a_secret_key_is_hidden_whatever_its_value() -> None:
    value = {"api_key": "x", "a": {"password": "y"}, "token": ""}

    assert redact_json(value) == {
        "api_key": HIDDEN,
        "a": {"password": HIDDEN},
        "token": "",
    }


def test_other_values_stay_as_they_are() -> None:
    value = {"amount": 4200, "ids": ["pi_1", "ch_2"], "none": None, "is_new": True}

    assert redact_json(value) == value
    assert redact_text("order 261122-AAAAAA at 10:02") == "order 261122-AAAAAA at 10:02"
