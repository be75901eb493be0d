"""Alerts about flows: the shop's channels, with texts that speak of no order."""

from django.conf import settings
from django.urls import reverse

from checkout.alerts.channels import Text, channels_of
from flows.registry import find_flow
from saga.definition import all_definitions
from saga.messages import Channels, Message
from saga.models import State

_ANCHOR = "an-alert-says-that-a-flow-stopped-or-waits"


def channels() -> Channels:
    """Return the configured channels, for the definitions of flows."""
    return channels_of(_about_flows)


def _about_flows(message: Message) -> Text:
    saga, more = message.sagas[0], message.count - 1
    flow = find_flow(saga.definition)
    verb = (
        "waits for a decision"
        if all(each.state == State.WAITING for each in message.sagas)
        else "stopped"
    )
    also = f" and {more} more" if more else ""
    title = _title(saga.definition)
    subject = f"{title} {saga.reference}{also} {verb} at {saga.step}"
    page = reverse("admin:backoffice_flow_change", args=[saga.pk])
    return Text(
        subject,
        f"{subject}: {saga.error}",
        [
            *([str(flow.summary)] if flow else []),
            f"Look: {settings.SITE_URL}{page}",
            f"What to do: {settings.RUNBOOK_URL}#{_ANCHOR}",
        ],
    )


def _title(name: str) -> str:
    """Return what people call the flow; its name if this code does not know it."""
    titles = {each.name: each.title for each in all_definitions()}
    return str(titles.get(name) or name)
