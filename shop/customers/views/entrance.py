"""Signing in and up, by password or by a code that is sent by mail; signing out.

Nothing here tells whether an address has an account: the same words, and the same work.
Only who enters the code that was sent there sees it.
"""

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from shop.customers import codes, sessions
from shop.customers.forms import EmailForm, SignInForm, SignUpForm
from shop.customers.limits import admit_code, admit_password
from shop.customers.models import Customer
from shop.customers.visitor import customer_of, safe_way
from shop.web.redirects import see_other

HOME = "checkout:my_page"
FORM = ["GET", "HEAD", "POST"]


@sensitive_post_parameters("password")
@require_http_methods(FORM)
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for address and password, or send a code. Signed-in customers go on."""
    way = _way(request)
    customer = customer_of(request)
    if customer and request.method != "POST":
        if sessions.is_fresh(request) or not way:
            return see_other(way or HOME)
        messages.info(request, _("For your safety, please sign in again."))
    form = SignInForm(request.POST or None, initial={"email": _known(request)})
    if form.is_valid():
        email = form.cleaned_data["email"]
        if "by_code" in request.POST:
            answer = send_code(request, form, way=way)
        else:
            answer = _check_password(request, form, email, way)
        if answer:
            return answer
    return show(request, "sign_in", form, way=way)


@sensitive_post_parameters("password")
@require_http_methods(FORM)
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    """Take address and password. The account is made when the code is entered."""
    way = _way(request)
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data["password"]
        password = make_password(typed) if typed else ""
        answer = send_code(request, form, password=password, way=way)
        if answer:
            return answer
    return show(request, "sign_up", form, way=way)


@require_http_methods(FORM)
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a code. Who enters it is signed in and may set another password."""
    form = EmailForm(request.POST or None)
    if form.is_valid():
        answer = send_code(request, form, way=reverse("customers:password"))
        if answer:
            return answer
    return show(request, "forgotten", form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    response = see_other("catalogue:home")
    if customer_of(request):
        sessions.sign_out(request, response)
        messages.success(request, _("You are signed out."))
    return response


def send_code(
    request: HttpRequest, form: Form, *, password: str = "", way: str = ""
) -> HttpResponse | None:
    """Send a code to the form's address; None if that comes too fast."""
    email = form.cleaned_data["email"]
    try:
        admit_code(request, email)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    response = see_other("customers:code")
    codes.remember(response, codes.send(email, password=password, way=way))
    return response


def show(
    request: HttpRequest, page: str, form: Form, **context: object
) -> HttpResponse:
    status = 422 if form.errors else 200
    context |= {"form": form}
    return render(request, f"customers/{page}.html", context, status=status)


def _check_password(
    request: HttpRequest, form: Form, email: str, way: str
) -> HttpResponse | None:
    try:
        entry = admit_password(request, email)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    user = authenticate(request, email=email, password=form.cleaned_data["password"])
    if user is None:
        text = _(
            "Email address or password is wrong. You can have a code sent instead."
        )
        form.add_error(None, text)
        return None
    entry.was_right()
    response = see_other(way or HOME)
    customer = Customer.objects.select_related("user").get(user=user)
    sessions.sign_in(request, customer, response)
    return response


def _way(request: HttpRequest) -> str:
    return safe_way(request, request.POST.get("next") or request.GET.get("next", ""))


def _known(request: HttpRequest) -> str:
    customer = customer_of(request)
    return customer.email if customer else ""
