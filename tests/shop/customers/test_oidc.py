"""Sign-in by OpenID Connect, against a real issuer: the happy way and the others."""

import logging
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from shop.customers.models import AccountMail, Customer
from shop.customers.oidc.protocol import IssuerAdapter
from tests.shop.customers.issuer import (
    CALLBACK,
    START,
    Issuer,
    running_issuer,
    sent,
    to_shop,
)
from tests.support.accounts import (
    EMAIL,
    HOME,
    SIGN_IN,
    is_signed_in,
    make_customer,
    sign_in,
    words,
)
from tests.support.ports import free_port
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.long]

VERIFIED = {"email": "Hanako@Customer.Example", "email_verified": True}


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer, settings: Settings) -> Issuer:
    configure(settings, running.url)
    return running


def configure(settings: Settings, url: str) -> None:
    settings.OIDC_ISSUER, settings.OIDC_NAME = url, "Minato ID"
    app = {
        "provider_id": "oidc",
        "name": "Minato ID",
        "client_id": "shop",
        "secret": "long-random-text",
        "settings": {"server_url": url, "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def said(client: Client) -> str:
    return words(client.get(SIGN_IN))


def test_an_account_is_made_and_found_again(client: Client, issuer: Issuer) -> None:
    issuer.knows("person-1", **VERIFIED)
    assert "Continue with Minato ID" in said(client)

    assert issuer.sign_in(client, "person-1")["Location"] == HOME
    assert is_signed_in(client)
    issuer.knows("person-1", email="moved@customer.example", email_verified=True)
    other = Client()
    issuer.sign_in(other, "person-1")

    assert is_signed_in(other)
    assert Customer.objects.get().email == EMAIL
    assert SocialAccount.objects.get().extra_data == {}


def test_state_nonce_and_challenge_are_new_each_time(
    client: Client, issuer: Issuer
) -> None:
    first, second = (sent(client.get(START)["Location"]) for _ in range(2))

    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == f"http://testserver{CALLBACK}"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]


def test_the_wanted_page_comes_after_it(client: Client, issuer: Issuer) -> None:
    issuer.knows("person-2", **VERIFIED)
    answer = issuer.sign_in(client, "person-2", next="/account/addresses/")
    assert answer["Location"] == "/account/addresses/"

    away = issuer.sign_in(client, "person-2", next="https://evil.example/")
    assert away["Location"] == HOME


def test_an_account_is_linked_by_a_verified_address_and_told(
    client: Client, issuer: Issuer
) -> None:
    hanako = make_customer()
    issuer.knows("person-3", **VERIFIED)

    issuer.sign_in(client, "person-3")

    assert is_signed_in(client)
    assert Customer.objects.get() == hanako
    assert SocialAccount.objects.get().user_id == hanako.pk
    assert AccountMail.objects.get(kind="linked").to == EMAIL


def test_an_identity_with_another_address_by_now_is_unlinked_for_good(
    client: Client, issuer: Issuer
) -> None:
    """Of an employer that the customer has left: it must not open the account."""
    hanako = make_customer()
    issuer.knows("person-9", **VERIFIED)
    issuer.sign_in(client, "person-9")
    identity = SocialAccount.objects.get()
    page = client.get("/account/identities/")
    assert "Minato ID, linked on" in words(page)
    other = make_customer("taro@customer.example")
    browser = Client()
    sign_in(browser, other.email)
    browser.post(f"/account/identities/{identity.pk}/remove/")
    assert SocialAccount.objects.exists(), "only their own"

    client.post(f"/account/identities/{identity.pk}/remove/")

    assert not SocialAccount.objects.exists()
    assert AccountMail.objects.get(kind="unlinked").to == EMAIL
    issuer.knows("person-9", email="desk@employer.example", email_verified=True)
    at_work = Client()
    issuer.sign_in(at_work, "person-9")
    assert SocialAccount.objects.get().user_id != hanako.pk


@pytest.mark.parametrize(
    "claims",
    [
        {"email": EMAIL, "email_verified": False},
        {"email": EMAIL, "email_verified": "true"},
        {"email": EMAIL},
        {"email_verified": True},
        {"email": "no address", "email_verified": True},
    ],
)
def test_an_address_that_is_not_verified_opens_nothing(
    client: Client, issuer: Issuer, claims: dict[str, Any]
) -> None:
    make_customer()
    issuer.knows("person-4", **claims)

    assert issuer.sign_in(client, "person-4")["Location"] == SIGN_IN

    assert "not verified" in said(client)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_a_token_for_another_nonce_is_refused(
    client: Client, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.knows("person-5", **VERIFIED)
    asked = client.get(START)["Location"]
    session = client.session
    session["socialaccount_states"][sent(asked)["state"]][0]["data"]["nonce"] = "x"
    session.save()

    client.get(to_shop(issuer.send_back(asked, "person-5")))

    assert "The sign-in did not work" in said(client)
    assert "the nonce is not the one" in caplog.text
    assert not is_signed_in(client)
    assert not User.objects.exists()


def test_an_answer_that_another_browser_asked_for_is_refused(
    client: Client, issuer: Issuer
) -> None:
    issuer.knows("person-6", **VERIFIED)
    back = issuer.send_back(Client().get(START)["Location"], "person-6")

    assert client.get(to_shop(back))["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_an_answer_is_of_use_once(client: Client, issuer: Issuer) -> None:
    issuer.knows("person-7", **VERIFIED)
    asked = client.get(START)["Location"]
    back = to_shop(issuer.send_back(asked, "person-7"))
    client.get(back)
    client.post("/account/sign-out/")

    assert client.get(back)["Location"] == SIGN_IN
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("skew", "is_accepted"), [(-50, True), (50, True), (-300, False), (4000, False)]
)
def test_clocks_may_differ_by_a_minute(
    client: Client, issuer: Issuer, skew: float, is_accepted: bool
) -> None:
    issuer.knows("person-8", **VERIFIED)
    back = to_shop(issuer.send_back(client.get(START)["Location"], "person-8"))
    state = client.session["socialaccount_states"]
    with time_machine.travel(time.time() + skew):
        session = client.session
        for stashed in state.values():
            stashed[1] = time.time()
        session["socialaccount_states"] = state
        session.save()
        client.get(back)
        assert is_signed_in(client) == is_accepted


def test_an_issuer_that_is_down_leaves_the_other_ways(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    configure(settings, f"http://127.0.0.1:{free_port()}")
    caplog.set_level(logging.WARNING)

    assert client.get(START)["Location"] == SIGN_IN

    assert "have a code sent by email" in said(client)
    assert "the issuer cannot be reached" in caplog.text


def test_an_issuer_that_goes_down_on_the_way_back(
    client: Client, issuer: Issuer, settings: Settings
) -> None:
    issuer.knows("person-9", **VERIFIED)
    back = to_shop(issuer.send_back(client.get(START)["Location"], "person-9"))
    configure(settings, f"http://127.0.0.1:{free_port()}")

    assert client.get(back)["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_who_declines_at_the_issuer_is_back_at_the_sign_in(
    client: Client, issuer: Issuer
) -> None:
    asked = client.get(START)["Location"]
    declined = requests.post(
        asked, data={"action": "deny"}, allow_redirects=False, timeout=5
    )
    back = f"{CALLBACK}?error=access_denied&state={sent(asked)['state']}"
    assert "access_denied" in declined.text + declined.headers.get("Location", "")

    assert client.get(back)["Location"] == SIGN_IN
    assert "The sign-in did not work" not in said(client)


def test_a_token_that_somebody_else_signed_is_refused(issuer: Issuer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = requests.get(f"{issuer.url}/jwks", timeout=5).json()["keys"][0]["kid"]
    now = int(time.time())
    claims = {"iss": issuer.url, "aud": "shop", "sub": "x", "iat": now, "exp": now + 60}
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})
    app = SimpleNamespace(client_id="shop", settings={"server_url": issuer.url})

    with pytest.raises(OAuth2Error, match="not valid"):
        IssuerAdapter(RequestFactory().get("/"), "oidc")._decode_id_token(app, token)


def test_a_member_of_staff_with_the_same_address_is_left_alone(
    client: Client, issuer: Issuer
) -> None:
    staff = make_staff()
    User.objects.filter(pk=staff.pk).update(email=EMAIL)
    issuer.knows("person-10", **VERIFIED)

    issuer.sign_in(client, "person-10")

    assert SocialAccount.objects.get().user_id != staff.pk
    assert client.get("/admin/").status_code == 302


def test_a_closed_account_stays_closed(client: Client, issuer: Issuer) -> None:
    hanako = make_customer()
    User.objects.filter(pk=hanako.pk).update(is_active=False)
    issuer.knows("person-11", **VERIFIED)

    issuer.sign_in(client, "person-11")

    assert "closed" in said(client)
    assert not is_signed_in(client)


def test_another_site_cannot_start_it(client: Client, issuer: Issuer) -> None:
    answer = client.get(START, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_without_an_issuer_there_is_no_such_page(client: Client, db: None) -> None:
    assert client.get(START).status_code == 404
    assert client.get(CALLBACK).status_code == 404
    assert "Continue with" not in said(client)
