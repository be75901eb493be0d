import pytest

from shop.money import CurrencyMismatch, Money, exponent, included_tax


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
def test_an_amount_reads_as_its_currency_is_written(money, language, text):
    assert money.format(language) == text


def test_exponents_are_the_providers_not_the_locales():
    assert [exponent(code) for code in ("JPY", "ISK", "UGX", "BHD")] == [0, 2, 2, 3]


def test_amounts_add_subtract_multiply_and_compare():
    assert Money(1000) + Money(200) - Money(300) == Money(900)
    assert Money(300) * 3 == Money(900)
    assert Money(1) < Money(2)
    assert not Money(0)


@pytest.mark.parametrize("combine", [Money.__add__, Money.__sub__, Money.__lt__])
def test_two_currencies_are_never_combined(combine):
    with pytest.raises(CurrencyMismatch, match="JPY with USD"):
        combine(Money(1), Money(1, "USD"))


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(1100, 10, 100), (1080, 8, 80), (999, 10, 91), (105, 10, 10), (0, 10, 0)],
)
def test_included_tax_is_rounded_half_up_once(gross, rate, tax):
    assert included_tax(gross, rate) == tax
