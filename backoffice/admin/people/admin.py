"""Users and groups in the admin: what their names are known by is kept.

History names who acted by the user name, and ``manage.py staff_groups`` finds the
predefined groups by theirs.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.roles import GROUPS

if TYPE_CHECKING:
    GroupRow = ModelForm[Group]
    UserRow = UserChangeForm[User]
    UserPages = UserAdmin[User]
else:
    GroupRow = ModelForm
    UserPages = UserAdmin
    UserRow = UserChangeForm

admin.site.unregister([Group, User])
_FILTER_ICONS = ["shop/admin/filter_icons.js"]


class NamedUserForm(UserRow):
    def clean_username(self) -> str:
        """Refuse another name for somebody who has signed in."""
        name: str = self.cleaned_data["username"]
        if "username" in self.changed_data and self.instance.last_login is not None:
            message = _(
                "This person has signed in, and history names them by this name. Make "
                "another user instead, and untick “Active” here."
            )
            raise ValidationError(message, code="name_known")
        return name


class NamedGroupForm(GroupRow):
    def clean_name(self) -> str:
        """Refuse another name for a predefined group."""
        name: str = self.cleaned_data["name"]
        if "name" in self.changed_data and self.initial.get("name") in GROUPS:
            message = _("Predefined groups keep their names. Make another group.")
            raise ValidationError(message, code="name_known")
        return name


@admin.register(User)
class StaffUserAdmin(UserPages):
    form = NamedUserForm
    actions = None
    readonly_fields = ["last_login", "date_joined"]
    delete_confirmation_template = "admin/delete_or_keep.html"
    change_form_template = "admin/auth/user/change_form.html"

    class Media:
        js = _FILTER_ICONS

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, lacking, kept = super().get_deleted_objects(objs, request)
        if any(user.last_login is not None for user in objs):
            reason = gettext(
                "This person has signed in, and history names them. Untick “Active” "
                "instead: then nobody can sign in by this name."
            )
            kept = [reason, *kept]
        return gone, counts, lacking, kept


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    form = NamedGroupForm
    actions = None
    delete_confirmation_template = "admin/delete_or_keep.html"

    class Media:
        js = _FILTER_ICONS

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, lacking, kept = super().get_deleted_objects(objs, request)
        if any(group.name in GROUPS for group in objs):
            reason = gettext(
                "It is a predefined group, which comes with the shop. Take its members "
                "out instead."
            )
            kept = [reason, *kept]
        return gone, counts, lacking, kept
