"""The mail backend of SMTP, which quotes addresses that need it."""

import smtplib
from collections.abc import Sequence

from django.core.mail.backends import smtp

from shop.mail_address import quote_mail_address


class _Quoting(smtplib.SMTP):
    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        return super().rcpt(quote_mail_address(recip), options)


class _QuotingOverTls(_Quoting, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's backend removes the quotation marks of an address; these put them back.

    Servers refuse the carriers' addresses without them: see shop/mail_address.py.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _QuotingOverTls if self.use_ssl else _Quoting
