"""The page of first steps."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from backoffice.admin.access import check_permission
from backoffice.admin.first_steps.steps import SET_UP, list_steps


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    check_permission(request, SET_UP)
    steps = list_steps()
    context = {
        **admin.site.each_context(request),
        "title": gettext("First steps"),
        "steps": steps,
        "done": sum(step.is_done for step in steps),
    }
    return TemplateResponse(request, "admin/first_steps.html", context)
