"""Mail domains that people mistype, and what they meant.

A suggestion, never a refusal: a domain that looks wrong may be right.
"""

# Those of Japan's and the world's large providers, which most customers have.
_COMMON = (
    *("gmail.com", "yahoo.co.jp", "yahoo.com", "icloud.com"),
    *("outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp"),
    *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp"),
    *("ymobile.ne.jp", "nifty.com", "biglobe.ne.jp", "plala.or.jp"),
)
# One letter away from one of them, and domains of their own.
_OTHERS = frozenset({"mail.com", "email.com", "ymail.com", "ymail.ne.jp", "gmx.com"})
# More than one letter away, and often seen.
_MISTAKES = {
    "docomo.co.jp": "docomo.ne.jp",
    "docomo.jp": "docomo.ne.jp",
    "ezweb.co.jp": "ezweb.ne.jp",
    "ezweb.jp": "ezweb.ne.jp",
    "gmail.co.jp": "gmail.com",
    "gmail.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com",
    "i.softbank.ne.jp": "i.softbank.jp",
    "icloud.co.jp": "icloud.com",
    "icloud.jp": "icloud.com",
    "yahoo.jp": "yahoo.co.jp",
    "yahoo.ne.jp": "yahoo.co.jp",
}


def suggest_address(address: str) -> str:
    """Return the address that was probably meant, or "" if nothing looks wrong."""
    local, at, domain = address.rpartition("@")
    meant = _meant(domain.lower())
    return f"{local}{at}{meant}" if local and meant else ""


def _meant(domain: str) -> str:
    if domain in _COMMON or domain in _OTHERS:
        return ""
    if domain in _MISTAKES:
        return _MISTAKES[domain]
    return next((known for known in _COMMON if _is_one_slip(domain, known)), "")


def _is_one_slip(typed: str, meant: str) -> bool:
    """Return whether a letter is missing, too many, wrong, or swapped with the next."""
    shorter, longer = sorted((typed, meant), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    rest_typed, rest_meant = typed[start:], meant[start:]
    swapped = rest_typed[1::-1] == rest_meant[:2]
    return rest_typed[1:] == rest_meant[1:] or (
        swapped and rest_typed[2:] == rest_meant[2:]
    )
