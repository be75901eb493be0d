"""What every mail of the shop to a customer has around its text."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from shop.profile.models import ShopProfile
from shop.text.mail_address import quote_mail_address


def make_mail(
    profile: ShopProfile, to: str, subject: str, text: str, message_id: str = ""
) -> EmailMultiAlternatives:
    """Return a mail that comes from the shop's name, in the active language.

    Answers go to the profile's address. ``message_id`` is the part before the @; the
    same one again tells mail programs that it is a copy. Without it there is a new one.
    """
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    # So that no absence note answers it (RFC 3834).
    headers = {"Auto-Submitted": "auto-generated"}
    if message_id:
        # Short: a folded one is read as empty by some programs.
        headers["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    return EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        from_email=formataddr((profile.shop_name, sender)),
        to=[quote_mail_address(to)],
        reply_to=[profile.email] if profile.email else [],
        headers=headers,
    )
