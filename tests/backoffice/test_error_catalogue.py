"""Every error and refusal that staff may meet is explained."""

import re
from pathlib import Path

import django.db.utils

import checkout.payments.stripe.calls  # noqa: F401 (its errors count, too)
from backoffice.error_catalogue import CATALOGUE, find_entry
from checkout.payments.gateway import PaymentError
from checkout.status import failures
from inventory import errors as of_stock
from orders.errors import IllegalMove
from saga import errors as of_sagas
from saga.models import Saga

RUNBOOK = Path(__file__).parents[2] / "docs" / "operations" / "errors.md"
# What Python, Django and the databases raise.
OF_DATABASES = {
    error.__name__
    for error in vars(django.db.utils).values()
    if isinstance(error, type) and issubclass(error, django.db.Error)
} - {"Error"}
COMMON = {"TimeoutError", "DoesNotExist"} | OF_DATABASES


def subclasses(base: type[Exception]) -> set[str]:
    """Return the shop's public errors that descend from this one, and itself."""
    ours = base.__module__.startswith(("checkout.", "orders.", "inventory.", "saga."))
    names = {base.__name__} if ours else set()
    for child in base.__subclasses__():
        names |= subclasses(child)
    return {name for name in names if not name.startswith("_")}


def defined_in(module: object) -> set[str]:
    found = vars(module).values()
    return {
        each.__name__
        for each in found
        if isinstance(each, type) and issubclass(each, Exception)
    }


def test_every_error_of_a_step_is_in_the_catalogue_once() -> None:
    met = (
        subclasses(of_sagas.StepError) | subclasses(PaymentError) | defined_in(of_stock)
    )
    met |= {IllegalMove.__name__, of_sagas.UnknownDefinition.__name__} | COMMON
    explained = [name for entry in CATALOGUE for name in entry.names]

    assert met - set(explained) == set()
    assert len(explained) == len(set(explained))


def test_each_has_its_section_in_the_runbook_with_cause_and_remedy() -> None:
    text = RUNBOOK.read_text()
    found = re.split(r"^## (\w+)$", text, flags=re.MULTILINE)[1:]
    sections = dict(zip(found[::2], found[1::2], strict=True))

    assert list(sections) == [entry.names[0] for entry in CATALOGUE]
    for entry in CATALOGUE:
        section = sections[entry.names[0]]
        assert "**Likely cause.** " in section
        assert "**What to do.** " in section
        assert [n for n in entry.names[1:] if f"`{n}`" not in section] == []


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    refusals = of_sagas.ActionRefused.__subclasses__()
    sentences = {str(refusal.sentence) for refusal in refusals}

    assert len(sentences) == len(refusals) > 0
    assert str(of_sagas.ActionRefused.sentence) not in sentences


def test_a_saga_without_an_error_has_no_entry() -> None:
    assert find_entry(Saga(error="", error_class="Retry")) is None
    entry = find_entry(Saga(error="gone", error_class="HoldLost"))
    assert entry is not None
    assert entry.anchor == "outofstock"


def test_each_error_of_a_database_means_something_else_to_staff() -> None:
    said = {
        name: failures.cause(Saga(error="x", error_class=name)) for name in OF_DATABASES
    }
    general = failures.cause(Saga(error="x", error_class="KeyError"))

    named = {name: text for name, text in said.items() if text != general}
    assert OF_DATABASES - set(named) == {"DatabaseError", "NotSupportedError"}
    assert len(set(named.values())) == len(named)
