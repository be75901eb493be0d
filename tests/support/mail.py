"""The mails that a shop wrote into its folder."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from orders.models import Order
from tests.support.live import LiveStack


def confirmations(stack: LiveStack, order: Order) -> list[EmailMessage]:
    """Return the order's confirmations, as its customer gets them."""
    return _bearing(stack, f"<{order.uid.hex}@")


def queued_mails(stack: LiveStack, order: Order, kind: str) -> list[EmailMessage]:
    """Return the order's mails of that other kind, as its customer gets them."""
    found = _bearing(stack, f"<{order.uid.hex}.{kind}.")
    return [*found, *_bearing(stack, f"<{order.uid.hex}.{kind}@")]


def _bearing(stack: LiveStack, identifier: str) -> list[EmailMessage]:
    files = sorted(stack.mail_dir.glob("*")) if stack.mail_dir.is_dir() else []
    texts = [file.read_bytes() for file in files]
    wanted = identifier.encode()
    return [
        message_from_bytes(text, policy=policy.default)
        for text in texts
        if wanted in text
    ]


def body(mail: EmailMessage, kind: str) -> str:
    """Return the ``plain`` or ``html`` part."""
    part = mail.get_body((kind,))
    assert part is not None, f"the mail has no {kind} part"
    return str(part.get_content())
