"""What the pages and mails say of a return, by where it stands.

Like the table of shipments and money, this is the specification; the order's own title
and its sentence about money do not change with a return.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SaidOfReturn:
    """What is said of one state of a return.

    ``title`` heads it on the customer's page, ``sentence`` is there, too. ``mail`` is
    the kind that was sent last, and ``staff`` are the names of what staff may do.
    """

    title: str
    sentence: str
    mail: str = ""
    staff: tuple[str, ...] = ()
    may_withdraw: bool = False


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
