"""How limits know a customer: by the mail address, and by the account, if any."""

import hashlib
import unicodedata
from dataclasses import dataclass

from django.db.models import Q

from shop.text.mail_address import fold_mail_address

KEY_LENGTH = 64


def key_of(email: str) -> str:
    """Return the key of a mail address, whatever its width and capitals.

    It is a digest (sha256, hex), so that rows that outlive a customer's data contain
    no address. Parts such as ``+shop`` make another customer: not all mail servers
    ignore them.
    """
    folded = unicodedata.normalize("NFKC", fold_mail_address(email)).casefold()
    return hashlib.sha256(folded.encode()).hexdigest()


@dataclass(frozen=True)
class Buyer:
    """A customer at the checkout. ``account`` is the account's key; None: a guest."""

    email: str
    account: int | None = None

    @property
    def key(self) -> str:
        return key_of(self.email)

    @property
    def turns(self) -> list[str]:
        """Return by what the orders of this customer wait for each other."""
        return [self.key, *([f"account {self.account}"] if self.account else [])]

    def owns(self) -> Q:
        """Return the condition of uses of this customer: same address or account."""
        mine = Q(customer=self.key)
        return mine | Q(account=self.account) if self.account else mine
