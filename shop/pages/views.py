"""The pages that staff write, as customers read them."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shop.catalogue.guest_pages import for_guests
from shop.catalogue.views import fresh
from shop.pages import icons, markup
from shop.pages.facts import Facts
from shop.pages.frame import read_frame
from shop.pages.selectors import Page, find_page


@for_guests
@require_safe
@fresh
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_page(slug)
    if found is None or not found.is_shown:
        raise Http404(_("There is no such page."))
    return render(request, "pages/page.html", page_context(found))


def page_context(page: Page) -> dict[str, object]:
    """Return what the template of a page shows, in the active language."""
    facts = Facts()
    return {
        "page": page,
        "body": markup.render(page.body, facts),
        "summary": markup.plain(page.body, facts)[:160],
    }


@for_guests
@require_safe
@fresh
def icon_svg(_request: HttpRequest) -> HttpResponse:
    letter, colour = _look()
    return HttpResponse(icons.draw_svg(letter, colour), content_type="image/svg+xml")


@for_guests
@require_safe
@fresh
def icon(_request: HttpRequest, size: int) -> HttpResponse:
    if size not in icons.SIZES:
        raise Http404(_("There is no such picture."))
    return HttpResponse(icons.draw(*_look(), size), content_type="image/png")


@for_guests
@require_safe
@fresh
def favicon(_request: HttpRequest) -> HttpResponse:
    """Answer what browsers ask for without being told of it."""
    drawn = icons.draw(*_look(), icons.SIZES[0], "ICO")
    return HttpResponse(drawn, content_type="image/x-icon")


@for_guests
@require_safe
@fresh
def manifest(_request: HttpRequest) -> HttpResponse:
    """Say how phones show the shop that a customer put onto the home screen."""
    profile = read_frame().profile
    return JsonResponse(
        {
            "name": profile.shop_name,
            "short_name": profile.shop_name[:12],
            "description": profile.tagline,
            "start_url": reverse("catalogue:home"),
            "display": "minimal-ui",
            "theme_color": profile.colour,
            "background_color": "#fbfaf8",
            "icons": [
                {
                    "src": reverse("pages:icon", args=[size]),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in icons.SIZES[2:]
            ],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _look() -> tuple[str, str]:
    profile = read_frame().profile
    return icons.letter_of(profile.shop_name_en), profile.colour
