"""The signed link to the page on which a customer decides about missing goods."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from orders.models import Shortage

LINK_LASTS = timedelta(days=14)
_SALT = "checkout.shortage"


class LinkExpired(Exception):
    """The link is too old. The customer can write to the shop; staff can ask again."""


class LinkInvalid(Exception):
    """The link was not signed by this shop, or it was cut off."""


def url_of(shortage: Shortage) -> str:
    """Return an address that allows its reader to choose, for LINK_LASTS."""
    token = signing.dumps(shortage.pk, salt=_SALT)
    return f"{settings.SITE_URL}{reverse('checkout:shortage', args=[token])}"


def link_ends(now: datetime) -> datetime:
    """Return when a link made ``now`` expires."""
    return now + LINK_LASTS


def read_link(token: str) -> Shortage:
    """Return the shortage of a link. Raises LinkExpired or LinkInvalid."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except signing.BadSignature as error:
        raise LinkInvalid from error
    shortage = Shortage.objects.select_related("order").filter(pk=pk).first()
    if shortage is None:
        raise LinkInvalid
    return shortage
