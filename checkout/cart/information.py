"""Information entry: contact, address, delivery."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.cart.forms import InformationForm
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.cart.services import CartNotOpen, keep_information
from checkout.cart.visitor import see_other, with_open_cart


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_open_cart
def information(request: HttpRequest, cart: Cart) -> HttpResponse:
    """Ask for contact, address and delivery; what was typed is never lost."""
    priced = quote(cart)
    if not priced.is_orderable:
        return see_other("checkout:cart")
    form = InformationForm(request.POST or None, instance=priced.recipient)
    if request.method == "POST" and form.is_valid():
        try:
            keep_information(cart, form.cleaned_data)
        except CartNotOpen:
            return see_other("checkout:cart")
        return see_other("checkout:confirmation")
    context = {"form": form, "quote": priced}
    return render(request, "checkout/information.html", context)
