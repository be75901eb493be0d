"""The page on which customers wait until it is their turn in the checkout.

It asks again by itself, without a script by reloading itself. It is never needed to
keep a place: the place belongs to the cart.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from checkout.cart.lines import QuoteLine, read_lines
from checkout.cart.models import Cart
from checkout.cart.visitor import with_open_cart
from checkout.waiting_room import tickets
from inventory.models import StockItem
from shop.web.redirects import see_other


@require_safe
@never_cache
def waiting_room(request: HttpRequest) -> HttpResponse:
    """Say where the visitor stands; lead to the checkout when it is their turn."""
    answer = _answer(request)
    is_elsewhere = "Location" in answer
    if is_elsewhere and request.htmx:  # type: ignore[attr-defined]
        # The script would follow it by itself, and put that page into this one.
        return HttpResponseClientRedirect(answer["Location"])
    return answer


@with_open_cart
def _answer(request: HttpRequest, cart: Cart) -> HttpResponse:
    lines = read_lines(cart)
    rooms = {line.room for line in lines if line.room is not None}
    place = tickets.enter(cart.pk, rooms)
    if place is None:
        return see_other("checkout:information")
    waited_for = [line for line in lines if line.room == place.room]
    if all(_is_gone(line) for line in waited_for):
        # The cart says so, and what can be done.
        return see_other("checkout:cart")
    is_held = all(line.free <= 0 for line in waited_for)
    seen = f"{place.number}{'h' if is_held else ''}"
    context = {
        "place": place,
        "lines": waited_for,
        "is_held": is_held,
        "seen": seen,
        "waiting_minutes": settings.WAITING_ROOM_MINUTES,
    }
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "checkout/waiting_room.html", context)
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)  # so that nothing is read out twice
    context["with_title"] = True
    return render(request, "checkout/_place_in_line.html", context)


def _is_gone(line: QuoteLine) -> bool:
    """Return whether no unit is left, also none that another customer may give back."""
    if line.free > 0:
        return False
    if not line.is_on_sale:
        return True
    return not StockItem.objects.filter(sku=line.sku, on_hand__gt=0).exists()
