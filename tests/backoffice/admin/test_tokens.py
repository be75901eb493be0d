"""Staff make tokens of the API, see each once, and revoke them at once."""

import re
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client

from backoffice.roles import GROUPS
from backoffice.tokens.errors import TokenRevoked
from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import PERMISSIONS, Scope
from backoffice.tokens.services import grantable, recognise
from tests.backoffice.answers import messages, text_of
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LIST = "/admin/backoffice/apitoken/"
ADD = f"{LIST}add/"
MAKER = ("view_apitoken", "add_apitoken", "revoke_apitoken", "view_stockitem")


@pytest.fixture
def maker(client: Client) -> Client:
    """Return a client who may make tokens, and see the stock."""
    client.force_login(make_staff(*MAKER))
    return client


def form(*scopes: str, **more: str) -> dict[str, object]:
    sent: dict[str, object] = {"key": str(uuid4()), "name": "ERP", "days": "90"}
    return sent | {"scopes": [*scopes]} | more


def shown(page: str) -> str:
    found = re.search(r"todoku_staff_[\w-]+", page)
    assert found, page
    return found[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(maker: Client) -> None:
    sent = form("stock:read")
    answer = maker.post(ADD, sent)
    text = shown(text_of(answer))
    assert "no-store" in answer["Cache-Control"]
    token = ApiToken.objects.get()
    assert recognise(text).pk == token.pk
    assert (token.owner.username, token.made_by) == ("yuki", "yuki")
    assert text not in str(vars(token))
    assert text.endswith(token.ending)
    assert (token.expires_at - token.made_at).days == 90
    assert LogEntry.objects.get().object_id == str(token.pk)

    again = maker.post(ADD, sent, follow=True)
    assert messages(again) == ["This token was made before, and shown then."]
    assert ApiToken.objects.count() == 1
    for page in (LIST, f"{LIST}{token.pk}/change/"):
        html = text_of(maker.get(page))
        assert text not in html
        assert "valid" in html


def test_only_scopes_are_offered_that_let_something_through(maker: Client) -> None:
    page = text_of(maker.get(ADD))
    assert 'value="stock:read"' in page
    assert 'value="orders:read"' not in page
    assert 'name="owner"' not in page
    for wrong in (form("orders:read"), form(), form("stock:read", days="9999")):
        answer = maker.post(ADD, wrong)
        assert answer.status_code == 422
    assert ApiToken.objects.count() == 0


def test_a_superuser_chooses_as_whom_it_acts(admin_client: Client) -> None:
    erp = make_staff("view_stockitem", name="erp")
    owner = {"owner": str(erp.pk)}
    answer = admin_client.post(ADD, form("orders:read", **owner))
    refused = text_of(answer)
    assert answer.status_code == 422
    assert "erp lacks the permissions for: orders:read." in refused
    text = shown(text_of(admin_client.post(ADD, form("stock:read", **owner))))
    token = recognise(text)
    assert (token.owner, token.made_by) == (erp, "admin")
    assert token.scope_set == {Scope.STOCK_READ}
    customer = User.objects.create_user("c1")
    strange = form("stock:read", owner=str(customer.pk))
    assert admin_client.post(ADD, strange).status_code == 422


def test_a_revoked_token_ends_at_once_and_stays_in_the_list(maker: Client) -> None:
    text = shown(text_of(maker.post(ADD, form("stock:read"))))
    token = ApiToken.objects.get()
    page = f"{LIST}{token.pk}/revoke/"
    assert "next request with this token is refused" in text_of(maker.get(page))
    assert recognise(text).revoked_at is None

    said = messages(maker.post(page, follow=True))
    assert said == ["ERP is revoked: its next request is refused."]
    with pytest.raises(TokenRevoked):
        recognise(text)
    token.refresh_from_db()
    assert token.revoked_by == "yuki"
    assert "ERP was revoked before, by yuki" in text_of(maker.get(page, follow=True))
    assert "revoked" in text_of(maker.get(LIST))


@pytest.mark.parametrize("act", ["", "add/", "{}/change/", "{}/revoke/"])
def test_others_see_nothing(client: Client, maker: Client, act: str) -> None:
    maker.post(ADD, form("stock:read"))
    page = LIST + act.format(ApiToken.objects.get().pk)
    other = Client()
    other.force_login(make_staff("view_stockitem", name="soto"))
    assert other.get(page).status_code == 403
    assert other.post(page, form("stock:read")).status_code == 403
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_an_integrator_who_is_an_operator_may_grant_every_scope() -> None:
    call_command("staff_groups")
    erp = User.objects.create_user("erp", is_staff=True)
    erp.groups.set(Group.objects.filter(name__in=["Operator", "Integrator"]))
    assert grantable(erp) == list(Scope)
    assert set(PERMISSIONS) == set(Scope)
    assert "backoffice.add_apitoken" not in GROUPS["Operator"]
