"""What the pages and mails say of a return, by where it stands.

Like the table of shipments and money, this is the specification; the order's own title
and its sentence about money do not change with a return.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SaidOfReturn:
    """What is said of one state of a return.

    ``title`` heads it on the customer's page, ``sentence`` is there, too, and so is
    ``also``. ``mail`` is the kind that was sent last, and ``staff`` are the names of
    what staff may do. ``is_pickup``: of an order that was picked up.
    """

    title: str
    sentence: str
    mail: str = ""
    staff: tuple[str, ...] = ()
    may_withdraw: bool = False
    also: str = ""
    is_pickup: bool = False


_REST = "Our staff settle the other items of this return and write to you."

STATES: dict[str, SaidOfReturn] = {
    "nothing asked": SaidOfReturn("Return items", "You can ask to return items until"),
    "asked for": SaidOfReturn(
        "Your request to return items",
        "Please do not send anything yet.",
        mail="return_requested",
        staff=("approve", "refuse", "withdraw"),
        may_withdraw=True,
    ),
    "approved": SaidOfReturn(
        "Send your items back",
        "Please pack the items well",
        mail="return_approved",
        staff=("arrived", "withdraw"),
        may_withdraw=True,
    ),
    "refused": SaidOfReturn(
        "Your items could not be returned",
        "We cannot take these items back",
        mail="return_refused",
    ),
    "withdrawn": SaidOfReturn("Your return was withdrawn", ""),
    "arrived": SaidOfReturn(
        "Your return has arrived",
        "Our staff check it and write to you.",
        mail="return_received",
        staff=("refund", "exchange", "close"),
    ),
    "to be exchanged": SaidOfReturn(
        "We send your items again",
        "We send the same items again, at no charge",
        mail="return_exchanged",
        staff=("sent", "drop"),
    ),
    "exchange sent": SaidOfReturn(
        "Your exchange is on its way",
        "We sent the items in exchange on",
        mail="return_sent",
    ),
    "a part to be exchanged": SaidOfReturn(
        "We send your items again",
        _REST,
        also="We send the same items again, at no charge",
        mail="return_exchanged",
        staff=("sent", "drop"),
    ),
    "a part exchanged, the rest open": SaidOfReturn(
        "Your exchange is on its way",
        _REST,
        also="We sent the items in exchange on",
        mail="return_sent",
        staff=("refund", "close"),
    ),
    "a part exchanged, the rest refunded": SaidOfReturn(
        "Your exchange is on its way",
        "We refunded ¥1,800 on",
        also="We sent the items in exchange on",
        mail="refunded",
    ),
    "exchange to be picked up": SaidOfReturn(
        "We prepare your items again",
        "We prepare the same items for you at Minato, at no charge",
        mail="return_exchanged",
        staff=("ready", "sent", "drop"),
        is_pickup=True,
    ),
    "exchange lies ready": SaidOfReturn(
        "Your exchange is ready to pick up",
        "The items lie ready. Please bring the order number",
        mail="return_ready",
        staff=("sent", "drop"),
        is_pickup=True,
    ),
    "exchange picked up": SaidOfReturn(
        "You have your exchange",
        "You picked up the items in exchange on",
        mail="return_sent",
        is_pickup=True,
    ),
    "refund on its way": SaidOfReturn(
        "Your return has arrived", "We are refunding ¥3,600."
    ),
    "refunded": SaidOfReturn(
        "Your return has arrived", "We refunded ¥3,600 on", mail="refunded"
    ),
    "its refund failed": SaidOfReturn(
        "Your return has arrived", "Our staff are checking your refund."
    ),
    "closed without a refund": SaidOfReturn(
        "Your return has arrived", "This return is closed.", mail="return_closed"
    ),
}
