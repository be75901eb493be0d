"""My page: a customer's orders, data, and the deletion of the account."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from checkout.my_page.forms import DeleteForm
from checkout.my_page.selectors import orders_page
from shop.customers import hooks, registration, sessions
from shop.customers.models import Customer
from shop.customers.visitor import for_customers, for_fresh_customers
from shop.formatting import moment
from shop.web.redirects import see_other


@require_safe
@never_cache
@for_customers
def show(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Show the customer's orders, newest first."""
    page, rows = orders_page(customer, request.GET.get("page", ""))
    return render(request, "customers/my_page.html", {"page": page, "rows": rows})


@require_safe
@never_cache
@for_fresh_customers
def export(_request: HttpRequest, customer: Customer) -> HttpResponse:
    """Return all that is kept of the customer, as a file."""
    account = {
        "email": customer.email,
        "language": customer.language,
        "created_at": customer.created_at.isoformat(),
    }
    response = JsonResponse(
        {"account": account, **hooks.exported(customer)},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_fresh_customers
def delete(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Say what is erased and what is kept; ask for the deletion, or withdraw that."""
    if "keep" in request.POST:
        return _keep(request, customer)
    form = DeleteForm(request.POST or None)
    if form.is_valid() and settings.ERASURE_DAYS:
        when = moment(hooks.deletion().request(customer))
        text = _("Your account will be erased on %(when)s.") % {"when": when}
        messages.success(request, text)
        return see_other("checkout:my_deletion")
    if form.is_valid():
        registration.delete(customer)
        response = see_other("catalogue:home")
        sessions.sign_out(request, response)
        messages.success(request, _("Your account has been deleted."))
        return response
    context = {
        "form": form,
        "erased_at": hooks.deletion().pending(customer),
        "days": settings.ERASURE_DAYS,
    }
    status = 422 if form.errors else 200
    return render(request, "customers/delete.html", context, status=status)


def _keep(request: HttpRequest, customer: Customer) -> HttpResponse:
    if hooks.deletion().withdraw(customer):
        messages.success(request, _("You keep your account."))
    else:
        text = _("That did not work just now. Please try again in a minute.")
        messages.error(request, text)
    return see_other("checkout:my_deletion")
