from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "shop.staff"
    label = "staff"
    verbose_name = _("Staff")
    default = True


class StaffAdminConfig(admin.AdminConfig):
    """Django's admin, on a site that asks for the second factor."""

    default_site = "shop.staff.site.StaffSite"
    default = False
