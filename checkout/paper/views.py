"""The customer's papers: what there is, issue it, print it, save it as PDF.

Who knows the address of the order's page may, as there.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from checkout.paper.bills import make_bill
from checkout.paper.errors import NotIssuable
from checkout.paper.forms import CopyForm, IssueForm, rows_of
from checkout.paper.kinds import PaperKind
from checkout.paper.models import IssuedPaper
from checkout.paper.services import issue, issue_copy
from orders.models import Order, Refund
from shop.web.redirects import see_other


@require_safe
@never_cache
def papers(request: HttpRequest, uid: UUID) -> HttpResponse:
    """List the papers of an order with a form for each."""
    return _page(request, get_object_or_404(Order, uid=uid))


@require_POST
def issue_paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue the original, and lead to it."""
    order = get_object_or_404(Order, uid=uid)
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _page(request, order, form)
    values = form.cleaned_data
    refund = None
    if values["refund"]:
        rows = Refund.objects.filter(payment__order=order)
        refund = get_object_or_404(rows, pk=values["refund"])
    kind = PaperKind(values["kind"])
    try:
        paper = issue(order, kind, values["addressee"], refund=refund)
    except NotIssuable as error:
        messages.error(request, error.sentence)
        return see_other("checkout:papers", uid)
    return see_other("checkout:paper", uid, paper.pk)


@require_POST
def copy_paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue a copy, and lead to it."""
    form = CopyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The form was not complete: try again."))
        return see_other("checkout:papers", uid)
    rows = IssuedPaper.objects.filter(order__uid=uid, copy=0)
    original = get_object_or_404(rows, pk=form.cleaned_data["paper"])
    paper = issue_copy(original, form.cleaned_data["seen"])
    return see_other("checkout:paper", uid, paper.pk)


@require_safe
@never_cache
def paper(request: HttpRequest, uid: UUID, pk: int) -> HttpResponse:
    """Show a paper to print."""
    issued = get_object_or_404(IssuedPaper, order__uid=uid, pk=pk)
    document = make_bill(issued, get_language() or "")
    context = {
        "title": document.title,
        "documents": [document],
        "pdf_url": reverse("checkout:paper_pdf", args=[uid, pk]),
        "back_url": reverse("checkout:papers", args=[uid]),
    }
    return render(request, "paper/print.html", context)


@require_safe
@never_cache
def paper_pdf(_request: HttpRequest, uid: UUID, pk: int) -> HttpResponse:
    """Return a paper as PDF."""
    issued = get_object_or_404(IssuedPaper, order__uid=uid, pk=pk)
    document = make_bill(issued, get_language() or "")
    # Imported here: what draws costs each process memory, and few draw.
    from checkout.paper import pdf  # noqa: PLC0415

    return pdf.answer([document], f"{issued.number}.pdf")


def _page(
    request: HttpRequest, order: Order, wrong: IssueForm | None = None
) -> HttpResponse:
    context = {
        "order": order,
        "rows": rows_of(order, wrong),
        "form": wrong,
    }
    status = 422 if wrong else 200
    return render(request, "paper/papers.html", context, status=status)
