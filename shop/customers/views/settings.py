"""What a customer changes about the account: mail address, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from shop.customers import codes, registration
from shop.customers.forms import NewEmailForm, PasswordForm
from shop.customers.limits import admit_code
from shop.customers.models import Customer, MailCode
from shop.customers.sessions import DEVICES
from shop.customers.views.entrance import FORM, HOME, show
from shop.customers.visitor import for_fresh_customers
from shop.web.redirects import see_other


@sensitive_post_parameters("password")
@require_http_methods(FORM)
@never_cache
@for_fresh_customers
def password(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Set a password. All other sessions end; this one stays, under a new key."""
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        registration.set_password(customer, form.cleaned_data["password"])
        update_session_auth_hash(request, customer.user)
        response = see_other(HOME)
        DEVICES.remember(request, customer.user, response)
        messages.success(request, _("Your password is set."))
        return response
    has_one = customer.user.has_usable_password()
    return show(request, "password", form, has_one=has_one, email=customer.email)


@require_http_methods(FORM)
@never_cache
@for_fresh_customers
def email(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Send a code to another address, which is the account's when it is entered."""
    form = NewEmailForm(request.POST or None)
    if form.is_valid():
        new = form.cleaned_data["email"]
        try:
            admit_code(request, new)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            change = MailCode.Purpose.CHANGE_EMAIL
            sent = codes.send(new, purpose=change, customer=customer)
            response = see_other("customers:code")
            codes.remember(response, sent)
            return response
    return show(request, "email", form, email=customer.email)
