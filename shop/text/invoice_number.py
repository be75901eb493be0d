"""The registration number of an issuer of qualified invoices: T and 13 digits.

https://www.invoice-kohyo.nta.go.jp/about-toroku/index.html
"""

import re

_NUMBER = re.compile(r"T[1-9][0-9]{12}")


def is_invoice_number(text: str) -> bool:
    """Return whether ``text`` has the form of a registration number."""
    return _NUMBER.fullmatch(text) is not None


def is_of_a_company(number: str) -> bool:
    """Return whether the first digit is the check digit of a corporate number.

    Sole proprietors are given other numbers, for which no such rule is published.
    https://www.houjin-bangou.nta.go.jp/documents/checkdigit.pdf
    """
    check, *digits = (int(digit) for digit in number[1:])
    weights = (2, 1) * 6
    total = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
    return check == 9 - total % 9
