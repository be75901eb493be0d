"""Amounts by Stripe's rules: minor units, smallest and largest charge.

Sources: Stripe's pages on currencies (zero-decimal list, minimum charge amounts).
"""

from sandboxes.stripe.errors import InvalidRequest

ZERO_DECIMAL = frozenset(
    [
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    ]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50,
    "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500,
    "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
_OTHERS = frozenset(
    [
        "afn",
        "all",
        "amd",
        "ang",
        "aoa",
        "ars",
        "awg",
        "azn",
        "bam",
        "bbd",
        "bdt",
        "bmd",
        "bnd",
        "bob",
        "bsd",
        "bwp",
        "byn",
        "bzd",
        "cdf",
        "cny",
        "cop",
        "crc",
        "cve",
        "dop",
        "dzd",
        "egp",
        "etb",
        "fjd",
        "fkp",
        "gel",
        "gip",
        "gmd",
        "gtq",
        "gyd",
        "hnl",
        "htg",
        "idr",
        "ils",
        "isk",
        "jmd",
        "kes",
        "kgs",
        "khr",
        "kyd",
        "kzt",
        "lak",
        "lbp",
        "lkr",
        "lrd",
        "lsl",
        "mad",
        "mdl",
        "mkd",
        "mmk",
        "mnt",
        "mop",
        "mur",
        "mvr",
        "mwk",
        "mzn",
        "nad",
        "ngn",
        "nio",
        "npr",
        "pab",
        "pen",
        "pgk",
        "php",
        "pkr",
        "qar",
        "rsd",
        "rub",
        "sar",
        "sbd",
        "scr",
        "shp",
        "sle",
        "sos",
        "srd",
        "std",
        "szl",
        "tjs",
        "top",
        "try",
        "ttd",
        "twd",
        "tzs",
        "uah",
        "ugx",
        "uyu",
        "uzs",
        "wst",
        "xcd",
        "yer",
        "zar",
        "zmw",
    ]
)
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | _OTHERS | frozenset(_MINIMUM)
LARGEST = 99_999_999
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency, by Stripe's table (not CLDR's)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def written(amount: int, currency: str) -> str:
    """Return an amount as in Stripe's messages: ``¥50``, ``$0.50 usd``."""
    places = exponent(currency)
    number = f"{amount / 10**places:,.{places}f}" if places else f"{amount:,}"
    return f"{_SYMBOLS.get(currency, '')}{number} {currency}"


def checked_currency(currency: str) -> str:
    """Return the currency in lower case. Raises InvalidRequest."""
    lower = currency.lower()
    if lower not in CURRENCIES:
        raise InvalidRequest(
            message=f"Invalid currency: {lower}. Stripe currently supports these "
            "currencies: "
            f"{', '.join(sorted(CURRENCIES))}",
            param="currency",
        )
    return lower


def checked_amount(amount: int, currency: str, param: str = "amount") -> int:
    """Return the amount. Raises if it is too small or too large to charge."""
    if amount < 1:
        raise InvalidRequest(
            message="This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=param,
        )
    if amount > LARGEST:
        raise InvalidRequest(
            message=f"Amount must be no more than {written(LARGEST, currency)}",
            code="amount_too_large",
            param=param,
        )
    least = _MINIMUM.get(currency, 1)
    if amount < least:
        raise InvalidRequest(
            message=f"Amount must be at least {written(least, currency)}",
            code="amount_too_small",
            param=param,
        )
    return amount


def fee(amount: int) -> int:
    """Return the fee, 3.6 %, rounded half up (Stripe Japan's list price)."""
    return (amount * 36 + 500) // 1000
