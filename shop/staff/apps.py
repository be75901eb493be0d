from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.contrib.admin.options import FORMFIELD_FOR_DBFIELD_DEFAULTS
from django.utils.translation import gettext_lazy as _

from shop.forms.fields import STAFF_FIELDS
from shop.processes.roles import WITHOUT_PAGES


class StaffConfig(AppConfig):
    name = "shop.staff"
    label = "staff"
    verbose_name = _("Staff")
    default = True


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin, on a site that asks for the second factor."""

    default_site = "shop.staff.site.StaffSite"
    default = False

    def ready(self) -> None:
        if settings.ROLE in WITHOUT_PAGES:
            return
        # For the pages of all packages, before they are registered. Overrides of one
        # page come on top.
        for column, options in STAFF_FIELDS.items():
            FORMFIELD_FOR_DBFIELD_DEFAULTS.setdefault(column, {}).update(options)
        super().ready()
