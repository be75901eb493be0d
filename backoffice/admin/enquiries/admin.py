"""The list of messages from customers: what waits for an answer comes first."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.enquiries.views import EnquiryPages
from backoffice.admin.lists.filters import WorkFilter
from checkout.contact.models import Enquiry
from shop import formatting


class EnquiryFilter(WorkFilter):
    title = _("status")
    parameter_name = "status"
    work = _("waits for an answer")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        answered = Enquiry.State.ANSWERED
        spam, every = ("spam", _("taken for spam")), ("all", _("all"))
        return [(answered.value, answered.label), spam, every]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case None:
                return queryset.waiting()
            case "all":
                return queryset
            case "spam":
                return queryset.exclude(suspicion="")
        return queryset.filter(state=Enquiry.State.ANSWERED)


@admin.register(Enquiry)
class EnquiryAdmin(EnquiryPages):
    list_display = ["subject", "name", "email", "order_number", "state", "received"]
    list_filter = [EnquiryFilter, "created_at"]
    search_fields = ["order_number", "email", "name", "subject"]
    search_help_text = _("Number of the order, name, mail address or subject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enquiry]:
        rows: QuerySet[Enquiry] = super().get_queryset(request)
        return rows.defer("text")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_answer = request.user.has_perm(permissions.ANSWER_ENQUIRY)
        return may_answer or super().has_view_permission(request, obj)

    @admin.display(description=_("received at"), ordering="created_at")
    def received(self, enquiry: Enquiry) -> str:
        return formatting.age(enquiry.created_at)
