"""The form of a sold-out product, and the link that ends its mails."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from checkout.restock import services
from checkout.restock.errors import NotSoldOut
from checkout.restock.forms import RestockForm
from shop.catalogue.models import Variant
from shop.web.csrf import accept_own_pages
from shop.web.redirects import see_other


@accept_own_pages
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Keep the address, and say so on the product's page, whatever was known of it."""
    form = RestockForm(request, request.POST)
    variant = (
        Variant.objects.on_sale()
        .select_related("product")
        .filter(sku=request.POST.get("sku", "")[:64].replace("\x00", ""))
        .first()
    )
    if variant is None:
        raise Http404(_("There is no such page."))
    if not form.is_valid():
        problems = [text for texts in form.errors.values() for text in texts]
        messages.error(request, " ".join(map(str, problems)))
        return see_other(variant.product)
    email = form.cleaned_data["email"]
    try:
        services.ask(variant.sku, email, (get_language() or "en")[:2])
    except NotSoldOut:
        messages.info(request, _("Good news: this item is available now."))
    else:
        text = _("We will email %(email)s once when %(name)s is back in stock.")
        messages.success(request, text % {"email": email, "name": variant.name})
    return see_other(variant.product)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; when it is sent, forget all that the address waits for.

    Not by the link alone: programs open the links of mails before people do.
    """
    try:
        email = services.address_of(token)
    except signing.BadSignature as error:
        raise Http404(_("There is no such page.")) from error
    if request.method == "POST":
        services.stop(token)
        messages.success(request, _("You will get no more of these emails."))
        return see_other("catalogue:home")
    return render(request, "checkout/restock_stop.html", {"email": email})
