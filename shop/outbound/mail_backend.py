"""The mail backend of SMTP, which quotes addresses that need it."""

import smtplib
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from shop.text.mail_address import quote_mail_address

REHEARSAL = "[STAGING]"  # before the subject of each mail of a staging shop


class _Quoting(smtplib.SMTP):
    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        return super().rcpt(quote_mail_address(recip), options)


class _QuotingOverTls(_Quoting, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's backend removes the quotation marks of an address; these put them back.

    Servers refuse the carriers' addresses without them: see shop/text/mail_address.py.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages if settings.STAGING else ():
            if not message.subject.startswith(REHEARSAL):
                message.subject = f"{REHEARSAL} {message.subject}"
        return super().send_messages(email_messages)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _QuotingOverTls if self.use_ssl else _Quoting
