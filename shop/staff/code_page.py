"""The page on which an administrator gives a person the code for the first factor."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shop.staff.enrolment import give_code
from shop.staff.second_factor import has_one


@admin.site.admin_view
@require_http_methods(["GET", "POST"])
def give_enrolment_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the code does; show it, once, after the button was pressed."""
    if not request.user.has_perm("auth.change_user"):
        raise PermissionDenied
    person = get_object_or_404(User, pk=pk)
    can_have = person.is_staff and person.is_active and not has_one(person)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Code for the second factor"),
        "person": person,
        "can_have_code": can_have,
    }
    if request.method == "POST" and can_have:
        context["code"] = give_code(person, request.user.get_username())
    return render(request, "admin/auth/user/enrolment_code.html", context)
