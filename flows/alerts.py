"""Alerts about flows: the shop's channels, with texts that speak of no order."""

from django.utils.translation import gettext

from checkout.alerts import notices
from checkout.alerts.channels import Text, channels_of
from flows.registry import find_flow
from saga.definition import all_definitions
from saga.messages import Channels, Message
from saga.models import State
from shop.web.admin_addresses import row_page

_ANCHOR = "an-alert-says-that-a-flow-stopped-or-waits"


def channels() -> Channels:
    """Return the configured channels, for the definitions of flows."""
    return channels_of(_about_flows)


def _about_flows(message: Message) -> Text:
    saga, more = message.sagas[0], message.count - 1
    flow = find_flow(saga.definition)
    waits = all(each.state == State.WAITING for each in message.sagas)
    which = f"{_title(saga.definition)} {saga.reference}"
    if more:
        which = gettext("%(which)s and %(count)d more") % {
            "which": which,
            "count": more,
        }
    text = gettext("%(which)s stopped at %(step)s")
    if waits:
        text = gettext("%(which)s waits for a decision at %(step)s")
    subject = text % {"which": which, "step": saga.step}
    page = row_page("backoffice_flow", saga.pk)
    return Text(
        subject,
        f"{subject}: {saga.error}",
        [
            *([str(flow.summary)] if flow else []),
            *notices.next_steps(page, _ANCHOR),
        ],
    )


def _title(name: str) -> str:
    """Return what people call the flow; its name if this code does not know it."""
    titles = {each.name: each.title for each in all_definitions()}
    return str(titles.get(name) or name)
