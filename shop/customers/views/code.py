"""The page on which a code from a mail is entered."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shop.customers import codes, registration, sessions
from shop.customers.errors import AccountClosed, CodeOver, CodeRefused, EmailTaken
from shop.customers.forms import CodeForm
from shop.customers.limits import admit_code
from shop.customers.models import MailCode
from shop.customers.views.entrance import FORM, HOME, show
from shop.customers.visitor import customer_of
from shop.web.redirects import see_other


@require_http_methods(FORM)
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and do what it was sent for."""
    sent = codes.find(request)
    if sent is None:
        return _ask_for_another(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            used = codes.use(sent.uid, form.cleaned_data["code"])
        except CodeRefused:
            form.add_error("code", _("This code is wrong. Check the latest email."))
        except CodeOver:
            return _ask_for_another(request)
        else:
            return _finish(request, used)
    return show(request, "code", form, email=sent.email)


@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Send another code for the same purpose; the one before is of no use then."""
    sent = codes.find(request)
    if sent is None:
        return _ask_for_another(request)
    response = see_other("customers:code")
    try:
        admit_code(request, sent.email)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return response
    again = codes.send(
        sent.email,
        purpose=sent.purpose,
        customer=sent.customer,
        password=sent.password,
        way=sent.way,
    )
    sent.delete()
    codes.remember(response, again)
    messages.success(request, _("We have sent another code."))
    return response


def _finish(request: HttpRequest, used: MailCode) -> HttpResponse:
    response = see_other(used.way or HOME)
    codes.forget(response)
    if used.purpose == MailCode.Purpose.CHANGE_EMAIL:
        return _change_email(request, used, response)
    try:
        customer, is_new = registration.ensure(used.email, used.password)
    except AccountClosed:
        messages.error(request, _("This account is closed. Please contact us."))
        return see_other("customers:sign_in")
    sessions.sign_in(request, customer, response)
    if is_new:
        messages.success(request, _("Your account is ready."))
    elif used.password:
        text = _(
            "You already have an account with this email address, and are signed in "
            "now. Your password has not changed."
        )
        messages.info(request, text)
    return response


def _change_email(
    request: HttpRequest, used: MailCode, response: HttpResponse
) -> HttpResponse:
    customer = customer_of(request)
    if customer is None or customer.pk != used.customer_id:
        return see_other("customers:sign_in")
    try:
        registration.change_email(customer, used.email)
    except EmailTaken:
        text = _("Another account has this email address. Nothing has changed.")
        messages.error(request, text)
        return response
    # Orders that were placed with the new address belong to the account now.
    sessions.sign_in(request, customer, response)
    messages.success(request, _("Your email address has changed."))
    return response


def _ask_for_another(request: HttpRequest) -> HttpResponse:
    text = _("This code is no longer valid. Please have another one sent.")
    messages.error(request, text)
    response = see_other("customers:sign_in")
    codes.forget(response)
    return response
