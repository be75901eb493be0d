"""Links from what a flow is about to the flow's page."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.lists.changelist import state_badge
from flows.services import last_run


def link_to_flow(name: str, about: object) -> SafeString | str:
    """Return the flow's state as a link to its page; a dash before it is started."""
    saga = last_run(name, str(about))
    if saga is None:
        return "-"
    page = reverse("admin:backoffice_flow_change", args=[saga.pk])
    return format_html('<a href="{}">{}</a>', page, state_badge(saga))
