"""Read the mails that a live stack wrote into its folder."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from orders.models import Order
from tests.support.live import LiveStack


def confirmations(stack: LiveStack, order: Order) -> list[EmailMessage]:
    """Return the confirmations of an order."""
    return _containing(stack, f"<{order.uid.hex}@")


def queued_mails(stack: LiveStack, order: Order, kind: str) -> list[EmailMessage]:
    """Return the mails of an order of another kind, such as ``shipped``."""
    found = _containing(stack, f"<{order.uid.hex}.{kind}.")
    return [*found, *_containing(stack, f"<{order.uid.hex}.{kind}@")]


def _containing(stack: LiveStack, identifier: str) -> list[EmailMessage]:
    files = sorted(stack.mail_dir.glob("*")) if stack.mail_dir.is_dir() else []
    texts = [file.read_bytes() for file in files]
    wanted = identifier.encode()
    return [
        message_from_bytes(text, policy=policy.default)
        for text in texts
        if wanted in text
    ]


def body(mail: EmailMessage, kind: str) -> str:
    """Return the text of the ``plain`` or ``html`` part."""
    part = mail.get_body((kind,))
    assert part is not None, f"the mail has no {kind} part"
    return str(part.get_content())


def newest_text(stack: LiveStack, to: str) -> str:
    """Return the text of the newest mail to this address, "" if there is none."""
    files = stack.mail_dir.glob("*") if stack.mail_dir.is_dir() else []
    for file in sorted(files, key=lambda each: each.stat().st_mtime, reverse=True):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if mail["To"] == to:
            return body(mail, "plain")
    return ""
