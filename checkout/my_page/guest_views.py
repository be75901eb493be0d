"""Pages for guests: an order by its number, and an account made from an order."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from checkout.my_page import look_up as links
from checkout.my_page.forms import LookUpForm
from orders.models import Order
from shop.customers import codes
from shop.customers.limits import admit_code, admit_look_up
from shop.customers.visitor import customer_of
from shop.web.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def look_up(request: HttpRequest) -> HttpResponse:
    """Send a link to the order by mail. The answer is the same if there is none."""
    form = LookUpForm(request.POST or None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            admit_look_up(request, email)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            links.send(email, form.cleaned_data["number"])
            text = _(
                "If there is an order with this number and email address, we have sent "
                "a link to it."
            )
            messages.success(request, text)
            return see_other("checkout:look_up")
    status = 422 if form.errors else 200
    return render(request, "customers/look_up.html", {"form": form}, status=status)


@require_safe
@never_cache
def open_link(_request: HttpRequest, token: str) -> HttpResponse:
    uid = links.read(token)
    if uid is None:
        raise Http404
    return see_other("checkout:order", uid)


@require_POST
def account_from_order(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send a code to the order's address: entering it makes the account.

    The address is not shown: somebody else may know the order's page.
    """
    order = get_object_or_404(Order, uid=uid)
    email = order.email.lower()
    if customer_of(request):
        return see_other("checkout:my_page")
    try:
        admit_code(request, email)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return see_other("checkout:order", uid)
    response = see_other("customers:code")
    way = reverse("checkout:order", args=[uid])
    codes.remember(response, codes.send(email, way=way))
    return response
