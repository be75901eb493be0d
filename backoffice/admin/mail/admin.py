"""The list of mails to customers, sent and queued."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice import permissions
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from shop.forms.read_only import ReadOnlyAdmin


@admin.register(OrderMail)
class OrderMailAdmin(ReadOnlyAdmin):
    list_display = ["order", "kind", "state", "created_at", "sent_at", "tries", "error"]
    list_filter = ["state", "kind", "created_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email"]
    search_help_text = _("Number of the order or mail address")
    actions = ["send_again"]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.RESEND_MAIL)

    @admin.action(description=_("Send again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OrderMail]) -> None:
        """Queue the chosen mails once more."""
        count = sum(outbox.send_again(mail) for mail in queryset)
        text = ngettext(
            "%(count)d mail is sent again within seconds.",
            "%(count)d mails are sent again within seconds.",
            count,
        )
        messages.success(request, text % {"count": count})
