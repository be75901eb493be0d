"""The shop's profile: who sells, as papers name the seller."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils.translation import gettext

from shop.profile.models import ShopProfile
from shop.profile.selectors import default_profile
from shop.text.invoice_number import is_of_a_company

if TYPE_CHECKING:
    ProfilePages = admin.ModelAdmin[ShopProfile]
else:
    ProfilePages = admin.ModelAdmin


@admin.register(ShopProfile)
class ShopProfileAdmin(ProfilePages):
    """The only row of the profile: it can be added once, then changed."""

    list_display = ["__str__", "phone", "email", "invoice_number"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not ShopProfile.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Papers must name a seller whom staff have entered."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what the settings say."""
        return model_to_dict(default_profile(), exclude=["id"])

    def save_model(
        self, request: HttpRequest, obj: ShopProfile, form: object, change: object
    ) -> None:
        """Save the row with the primary key 1, which a constraint requires."""
        obj.pk = 1
        super().save_model(request, obj, form, change)
        number = obj.invoice_number
        if number and not is_of_a_company(number):
            text = gettext(
                "%(number)s is not the number of a company: its check digit is "
                "another. Compare it with the tax office's notice. Numbers of sole "
                "proprietors may look like this."
            )
            self.message_user(request, text % {"number": number}, messages.WARNING)
