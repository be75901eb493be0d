"""The key by which limits know a customer."""

import hashlib
import unicodedata

from shop.mail_address import fold_mail_address

KEY_LENGTH = 64


def key_of(email: str) -> str:
    """Return the key of a mail address, whatever its width and capitals.

    It is a digest (sha256, hex), so that rows that outlive a customer's data contain
    no address. Parts such as ``+shop`` make another customer: not all mail servers
    ignore them.
    """
    folded = unicodedata.normalize("NFKC", fold_mail_address(email)).casefold()
    return hashlib.sha256(folded.encode()).hexdigest()
