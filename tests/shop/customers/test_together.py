"""Several at once make one account, and use a code once."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User

from shop.customers import codes
from shop.customers.errors import CodeOver
from shop.customers.models import AccountMail, Customer, MailCode
from shop.customers.oidc.identities import open_account
from shop.customers.registration import ensure
from tests.support.accounts import EMAIL, last_code
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

CLAIMS = {"email": EMAIL, "email_verified": True}


def test_two_tabs_that_prove_an_address_make_one_account() -> None:
    answers = run_together(range(4), lambda _tab: ensure(EMAIL))

    assert exceptions_in(answers) == []
    assert Customer.objects.count() == User.objects.count() == 1
    assert sorted(is_new for _customer, is_new in answers) == [False] * 3 + [True]  # type: ignore[misc]


def test_a_code_that_is_entered_in_two_tabs_counts_once() -> None:
    sent = codes.send(EMAIL)
    digits = last_code().replace(" ", "")

    answers = run_together(range(4), lambda _tab: codes.use(sent.uid, digits))

    assert [type(error) for error in exceptions_in(answers)] == [CodeOver] * 3
    assert not MailCode.objects.exists()


def test_guesses_at_once_do_not_get_more_tries() -> None:
    sent = codes.send(EMAIL)

    run_together(range(12), lambda n: codes.use(sent.uid, f"{n:08}"))

    assert MailCode.objects.get().tries <= codes.MOST_TRIES
    with pytest.raises(CodeOver):
        codes.use(sent.uid, last_code().replace(" ", ""))


def test_an_identity_that_arrives_in_two_tabs_is_linked_once() -> None:
    ensure(EMAIL)

    answers = run_together(range(4), lambda _tab: open_account("oidc", "me", CLAIMS))

    assert exceptions_in(answers) == []
    assert SocialAccount.objects.count() == Customer.objects.count() == 1
    assert AccountMail.objects.filter(kind="linked").count() == 1
