"""The search of all staff pages: it opens what was named, else lists what it found."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from backoffice.admin.search.kinds import exact_url, search
from shop.text.typed import fold

# No column that is searched holds more.
LONGEST = 255


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Search for ``q``, in its ordinary width."""
    typed = fold(request.GET.get("q", "")[: 4 * LONGEST])[:LONGEST]
    sections = search(request, typed) if typed else []
    url = exact_url(sections)
    if url:
        return redirect(url)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Search"),
        "typed": typed,
        "sections": sections,
    }
    return TemplateResponse(request, "admin/search.html", context)
