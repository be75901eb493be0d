"""The page on which a customer decides about missing goods of an order."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.aftersales.shortages import offers
from checkout.aftersales.shortages.forms import ShortageForm
from checkout.aftersales.shortages.links import LinkExpired, LinkInvalid, read_link
from inventory.errors import OutOfStock
from orders.errors import ShortageMoved
from orders.models import Shortage
from orders.selectors import describe_shortage
from shop.web.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """Show the choices, accept one, and afterwards show what was chosen."""
    try:
        shortage = read_link(token)
    except LinkExpired:
        return render(request, "checkout/shortage_expired.html", status=410)
    except LinkInvalid as error:
        raise Http404 from error
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        # The page has the language of the mail that led here.
        translation.activate(shortage.order.language)
    options = offers.options(shortage)
    if request.method != "POST":
        form = ShortageForm(options, initial={"seen": shortage.moves})
        return _page(request, shortage, form)
    if not options:
        return _too_late(request, token)
    form = ShortageForm(options, request.POST)
    if not form.is_valid():
        return _page(request, shortage, form)
    chosen = form.cleaned_data
    choice = Shortage.Choice(chosen["choice"])
    try:
        offers.choose(shortage, choice, chosen["seen"], chosen["remark"])
    except (ShortageMoved, OutOfStock):
        return _too_late(request, token)
    messages.success(request, gettext("Thank you. We have your choice."))
    return see_other("checkout:shortage", token)


def _too_late(request: HttpRequest, token: str) -> HttpResponse:
    text = gettext("It was decided before, or something has changed: see below.")
    messages.warning(request, text)
    return see_other("checkout:shortage", token)


def _page(request: HttpRequest, shortage: Shortage, form: ShortageForm) -> HttpResponse:
    context = {
        **describe_shortage(shortage),
        "order": shortage.order,
        "form": form,
        "is_asked": bool(form.options),
    }
    status = 422 if form.errors else 200
    return render(request, "checkout/shortage.html", context, status=status)
