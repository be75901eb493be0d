from collections.abc import Callable

import pytest

from shop.configuration.currencies import CURRENCIES
from shop.money import (
    CurrencyMismatch,
    Money,
    NotAnAmount,
    exponent,
    included_tax,
    parse,
)


@pytest.mark.parametrize(
    ("money", "language", "text"),
    [
        (Money(1800), "en", "¥1,800"),
        (Money(1800), "ja", "￥1,800"),
        (Money(-50), "en", "-¥50"),
        (Money(123456, "USD"), "en", "$1,234.56"),
        (Money(5, "EUR"), "en", "€0.05"),
        (Money(1234567, "KWD"), "en", "1,234.567 KWD"),
    ],
)
def test_an_amount_reads_as_its_currency_is_written(
    money: Money, language: str, text: str
) -> None:
    assert money.format(language) == text


def test_exponents_are_those_of_the_provider() -> None:
    assert [exponent(code) for code in ("JPY", "ISK", "UGX", "BHD")] == [0, 2, 2, 3]


def test_amounts_add_subtract_multiply_and_compare() -> None:
    assert Money(1000) + Money(200) - Money(300) == Money(900)
    assert Money(300) * 3 == Money(900)
    assert Money(1) < Money(2)
    assert not Money(0)


@pytest.mark.parametrize("combine", [Money.__add__, Money.__sub__, Money.__lt__])
def test_two_currencies_are_never_combined(
    combine: Callable[[Money, Money], object],
) -> None:
    with pytest.raises(CurrencyMismatch, match="JPY with USD"):
        combine(Money(1), Money(1, "USD"))


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(1100, 10, 100), (1080, 8, 80), (999, 10, 91), (105, 10, 10), (0, 10, 0)],
)
def test_included_tax_is_rounded_half_up_once(gross: int, rate: int, tax: int) -> None:
    assert included_tax(gross, rate) == tax


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1800", "JPY", 1800),
        (" ¥1,800 ", "JPY", 1800),
        ("１，８００円", "JPY", 1800),  # noqa: RUF001 (as typed in Japan)
        ("￥1800", "JPY", 1800),
        ("18.50", "USD", 1850),
        ("$1,018.5", "USD", 101850),
        ("１８．００", "USD", 1800),  # noqa: RUF001 (as typed in Japan)
        ("-3", "JPY", -3),
        ("-¥3", "JPY", -3),
        ("JPY 12,345,678", "JPY", 12345678),
        ("18 CHF", "CHF", 1800),
    ],
)
def test_amounts_are_read_as_people_type_them(
    typed: str, currency: str, minor: int
) -> None:
    assert parse(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "JPY"),
        ("much", "JPY"),
        ("18.5", "JPY"),
        ("18.555", "USD"),
        ("1.000", "JPY"),
        ("1.800", "USD"),
        ("18,00", "USD"),
        ("1,80", "JPY"),
        ("1,8000", "JPY"),
        (",800", "JPY"),
        ("$18", "JPY"),
        ("18円", "USD"),
        ("USD 18", "EUR"),
        ("１²", "JPY"),
        ("nan", "JPY"),
        ("inf", "USD"),
        ("1e9999999", "JPY"),
    ],
)
def test_a_text_that_is_no_amount_of_the_currency_is_refused(
    typed: str, currency: str
) -> None:
    with pytest.raises(NotAnAmount):
        parse(typed, currency)


def test_what_the_shop_writes_can_be_typed_again() -> None:
    for currency in sorted(CURRENCIES):
        amount = Money(-123456789, currency)
        for text in (amount.format("en"), amount.format("ja"), amount.number):
            assert parse(text, currency) == amount
