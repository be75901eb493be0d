"""Words that people read: one term for each thing, and none of those given up.

A message that holds a word from these tables is written anew. Each entry names what to
write instead.
"""

import re
from collections.abc import Callable

import polib  # type: ignore[import-untyped]
import pytest

from tests.test_messages import CATALOGUE, translations

# What must not be written -> what to write.
ENGLISH = {
    r"^Together\b|Goods together": "Line total, Subtotal",
    r"^Goods$": "Items",
    r"(?i)usually dispatched": "Ships the next day",
    r"payment has arrived": "We have received your payment",
    r"and your payment": "Order N confirmed",
    r"bank has a question": "Your bank needs to verify this payment",
    r"I have answered": "I have confirmed it",
    r"person on our side": "Our team is checking your order",
    r"(?i)you need do nothing": "You don't need to do anything",
    r"Hand it over at": "Deliver in person",
    r"Put it into the mailbox": "Leave in the mailbox or parcel locker",
    r"in your cart can be had": "Some items are no longer available",
    r"Put the marked items": "Update them to continue",
    r"^To come$": "Not started",
    r"^Needs you$": "Action needed",
    r"not work out": "Failed",
    r"Preparing the dispatch": "Sent to packing",
    r"not enough money on": "Insufficient funds",
    r"date is not right": "Check the expiry date",
    r"too often in a short": "Too many attempts",
    r"articles? runs? out": "N products are low on stock",
    r"How the orders flow": "Order processing",
    r"(?i)went through by": "Completed without help (24 h)",
    r"(?i)half within|of 100 within": "Median, 95th percentile",
    r"^Set the goods aside$": "Reserve stock",
    r"Have the bank approve": "Authorise card",
    r"^Charge the card$": "Capture payment",
    r"Take the goods from stock": "Deduct stock and confirm",
    r"(?i)perhaps charged|not certain that the card": "Charge unconfirmed",
    r"No further try": "Automatic retries have stopped; review needed",
    r"Put right what": "Fix the cause shown in the error",
    r"says first what it will do": "Every action shows a preview",
    r"done by other means": "Use if it was completed elsewhere",
    r"orders? goe?s? on\.|s goes on\.": "N orders resumed",
    r"Back, change nothing": "Cancel",
    r"^Book it$": "Save",
    r"^First so many|^Then orders a second": "Try first, Orders per second after that",
    r"^Of these through|^Not yet$": "Completed, Pending",
    r"Refund so many": "Quantity",
    r"put them into stock": "Return to stock",
    r"Fill in all that": "Refund everything",
    r"(?i)goods (are|were) missing|missing goods": "missing items",
    r"saga's record": "Processing log",
    r"\b[Ss]agas?\b": "processing log; for staff: order",
    r"(?i)internet address": "IP address",
    r"(?i)provider events?\b": "Stripe events",
    r"(?i)mismatch(?!\))": "reconciliation difference",
    r"by itself|by ourselves": "automatic(ally)",
    r"runs beside it": "waiting for a parallel step",
    r"(?i)^low at": "low-stock threshold",
    r"Units that came": "Quantity received",
    r"who cannot see it": "alt text",
    r"having more made": "promise nothing that nobody promised",
}
JAPANESE = {
    "工程": "手順",
    "サーガ": "処理ログ",
    "お客様の画面": "お客様のページ",
    "カードを試した": "IPアドレス別のカード試行",
    "配送業者|運送会社": "配送会社",
    "異議申|ディスピュート": "チャージバック",
    "決済サービスのイベント": "Stripeイベント",
}
# Sentences about the engine itself, for engineers, and what only looks like the word.
ALLOWED = {"Saga"}
OF_CUSTOMERS = ("templates/checkout/", "templates/orders/", "templates/catalogue/")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def offences(
    catalogue: polib.POFile,
    words: dict[str, str],
    texts: Callable[[polib.POEntry], list[str]],
) -> list[str]:
    return [
        f"{text!r}: write {instead}"
        for entry in catalogue
        if entry.msgid not in ALLOWED
        for text in texts(entry)
        for pattern, instead in words.items()
        if re.search(pattern, text)
    ]


def test_english_words_given_up_do_not_come_back(catalogue: polib.POFile) -> None:
    found = offences(
        catalogue, ENGLISH, lambda entry: [entry.msgid, entry.msgid_plural]
    )
    assert found == []


def test_japanese_words_given_up_do_not_come_back(catalogue: polib.POFile) -> None:
    assert offences(catalogue, JAPANESE, translations) == []


def test_customers_read_one_japanese_word_for_cancelling(
    catalogue: polib.POFile,
) -> None:
    found = [
        text
        for entry in catalogue
        if any(name.startswith(OF_CUSTOMERS) for name, _line in entry.occurrences)
        for text in translations(entry)
        if re.search("取り?消", text)
    ]
    assert found == []


def test_every_japanese_subject_begins_with_the_shop(catalogue: polib.POFile) -> None:
    subjects = [
        entry
        for entry in catalogue
        if any(name.endswith("_subject.txt") for name, _line in entry.occurrences)
    ]
    assert len(subjects) > 10, "they are not found any more"
    found = [
        text
        for entry in subjects
        for text in translations(entry)
        if not text.startswith("【%(shop_name)s】")
    ]
    assert found == []


def test_japanese_mails_have_full_width_colons(catalogue: polib.POFile) -> None:
    found = [
        text
        for entry in catalogue
        if any("orders/mail/" in name for name, _line in entry.occurrences)
        for text in translations(entry)
        if re.search("[ぁ-んァ-ヶ一-龠）]:|: ", text)  # noqa: RUF001
    ]
    assert found == []


def test_the_words_given_up_are_recognised() -> None:
    pattern = next(each for each in ENGLISH if "agas" in each)
    assert re.search(pattern, "the saga ended")
    assert not re.search(pattern, "Sagawa Express")
