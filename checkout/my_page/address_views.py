"""The pages of the address book."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from checkout.my_page.forms import AddressForm
from shop.customers import addresses
from shop.customers.models import MOST_ADDRESSES, Customer, SavedAddress
from shop.customers.visitor import for_customers
from shop.web.redirects import see_other

LIST = "checkout:my_addresses"


@require_safe
@never_cache
@for_customers
def show(request: HttpRequest, customer: Customer) -> HttpResponse:
    book = list(customer.addresses.all())
    context = {"addresses": book, "is_full": len(book) >= MOST_ADDRESSES}
    return render(request, "customers/addresses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_customers
def add(request: HttpRequest, customer: Customer) -> HttpResponse:
    form = _form(request, {})
    if form.is_valid():
        if addresses.add(customer, form.cleaned_data) is None:
            messages.error(request, _("Your address book is full."))
        return see_other(LIST)
    return _show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@for_customers
def change(request: HttpRequest, customer: Customer, pk: int) -> HttpResponse:
    address = _of(customer, pk)
    kept = {name: getattr(address, name) for name in addresses.FIELDS}
    form = _form(request, kept)
    if form.is_valid():
        addresses.change(address, form.cleaned_data)
        return see_other(LIST)
    return _show(request, form, address)


@require_POST
@for_customers
def remove(_request: HttpRequest, customer: Customer, pk: int) -> HttpResponse:
    addresses.remove(_of(customer, pk))
    return see_other(LIST)


@require_POST
@for_customers
def suggest(_request: HttpRequest, customer: Customer, pk: int) -> HttpResponse:
    """Suggest this address first."""
    addresses.suggest_first(_of(customer, pk))
    return see_other(LIST)


def _form(request: HttpRequest, kept: dict[str, str]) -> AddressForm:
    """Return the form; with the fields of another country if that was asked for."""
    if request.POST.get("act") == "country":
        return AddressForm(initial=kept | request.POST.dict())
    return AddressForm(request.POST or None, initial=kept)


def _of(customer: Customer, pk: int) -> SavedAddress:
    return get_object_or_404(SavedAddress, customer=customer, pk=pk)


def _show(
    request: HttpRequest, form: AddressForm, address: SavedAddress | None = None
) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "address": address}
    return render(request, "customers/address.html", context, status=status)
