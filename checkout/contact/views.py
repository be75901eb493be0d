"""The contact form."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.contact import services
from checkout.contact.forms import ContactForm
from checkout.contact.limits import admit_enquiry
from shop.customers.models import Customer
from shop.customers.visitor import customer_of
from shop.pages.selectors import find_page
from shop.text.typed import fold
from shop.web.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def contact(request: HttpRequest) -> HttpResponse:
    """Ask what it is about; keep it, and say so, whatever was known of the order."""
    customer = customer_of(request)
    if request.method != "POST":
        form = ContactForm(initial=_known(request, customer))
        return _page(request, form)
    form = ContactForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            admit_enquiry(request, email, customer)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            is_proven = customer is not None and customer.email == email
            language = (get_language() or "en")[:2]
            services.send(form.values(), language, is_proven=is_proven)
            messages.success(request, _("We have your message and will answer it."))
            return see_other("checkout:contact")
    return _page(request, form)


def _page(request: HttpRequest, form: ContactForm) -> HttpResponse:
    context = {"form": form, "faq": find_page("faq")}
    status = 422 if form.errors else 200
    return render(request, "checkout/contact.html", context, status=status)


def _known(request: HttpRequest, customer: Customer | None) -> dict[str, str]:
    """Return the order whose page led here, and the account's address."""
    known = {"order_number": fold(request.GET.get("order", ""))[:40]}
    return known | ({"email": customer.email} if customer else {})
