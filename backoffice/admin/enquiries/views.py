"""The page of a message from a customer, where staff answer it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.enquiries.forms import AnswerForm
from checkout.contact import services
from checkout.contact.errors import EnquiryMoved
from checkout.contact.mails import is_own_order, is_waiting, order_named
from checkout.contact.models import Enquiry
from shop.forms.read_only import ReadOnlyAdmin

_PAGE = "admin:checkout_enquiry_change"
_TEMPLATE = "admin/checkout/enquiry/message.html"
# What a button without words to the customer does, and what is said when it is done.
_ACTS: dict[str, tuple[Callable[[Enquiry, str], None], Promise]] = {
    "close": (services.close, _("Marked as answered. No mail was sent.")),
    "reopen": (lambda row, _actor: services.reopen(row), _("The message is open.")),
    "clear": (
        lambda row, _actor: services.clear(row),
        _("The message is no longer taken for spam."),
    ),
}


class EnquiryPages(ReadOnlyAdmin):
    """Adds to messages the page that shows one, and its buttons."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "<int:pk>/answer/",
                wrap(self.answer_view),
                name="checkout_enquiry_answer",
            ),
            path(
                "<int:pk>/do/<slug:name>/",
                wrap(self.act_view),
                name="checkout_enquiry_act",
            ),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a message, its order and its answers."""
        enquiry = self.get_object(request, object_id)
        if enquiry is None or not self.has_view_permission(request, enquiry):
            return super().change_view(request, object_id, form_url, extra_context)
        return self._page(request, enquiry, AnswerForm())

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Mail the answer, once."""
        check_permission(request, permissions.ANSWER_ENQUIRY)
        enquiry = get_object_or_404(Enquiry, pk=pk)
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._page(request, enquiry, form)
        text, actor = form.cleaned_data["text"], request.user.get_username()
        try:
            services.answer(enquiry, text, actor)
        except EnquiryMoved as error:
            self.message_user(request, str(error.sentence), messages.WARNING)
            return self._page(request, enquiry, form)
        said = _("The answer is sent to %(email)s.") % {"email": enquiry.email}
        self.message_user(request, said, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Do what a button says; opened as a page, show the message."""
        check_permission(request, permissions.ANSWER_ENQUIRY)
        enquiry = get_object_or_404(Enquiry, pk=pk)
        if name not in _ACTS:
            raise Http404
        if request.method == "POST":
            act, done = _ACTS[name]
            try:
                act(enquiry, request.user.get_username())
            except EnquiryMoved as error:
                self.message_user(request, str(error.sentence), messages.WARNING)
            else:
                self.message_user(request, str(done), messages.SUCCESS)
        return redirect(_PAGE, pk)

    def _page(
        self, request: HttpRequest, enquiry: Enquiry, form: AnswerForm
    ) -> HttpResponse:
        order = order_named(enquiry)
        answers = [(row, is_waiting(row)) for row in enquiry.answers.all()]
        context = {
            **self.admin_site.each_context(request),
            "title": enquiry.subject,
            "opts": self.opts,
            "original": enquiry,
            "order": order,
            "is_own_order": is_own_order(enquiry, order),
            "answers": answers,
            "form": form,
            "may_answer": request.user.has_perm(permissions.ANSWER_ENQUIRY),
        }
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, _TEMPLATE, context, status=status)
