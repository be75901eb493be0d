"""Secrets that a provider's sentence may quote, taken out before anybody keeps it."""

import re

# Keys, signing secrets, the tokens of card forms, what a browser acts with.
# https://docs.stripe.com/keys
_SECRETS = re.compile(
    r"\b(?:[sr]k_(?:test|live)_|whsec_|ctoken_|tok_)[\w*]+|_secret_\w+"
)
# Thirteen digits and more, in groups or not: nothing else of ours is so long.
_CARD_NUMBERS = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def redacted(text: str) -> str:
    """Return ``text`` without secrets and card numbers."""
    return _CARD_NUMBERS.sub("[hidden]", _SECRETS.sub("[hidden]", text))
