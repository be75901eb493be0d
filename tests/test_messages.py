"""The Japanese messages: complete, consistent and compiled. Needs no gettext.

After a change of wording: make messages.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from django.apps import apps
from django.conf import settings
from django.template import Context, engines
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import trim_whitespace

Message = tuple[str | None, str]  # context, wording

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "ja" / "LC_MESSAGES" / "django.po"
# Function -> where its context and its wording stand among the arguments.
CALLS = {
    "_": (None, 0),
    "gettext": (None, 0),
    "gettext_lazy": (None, 0),
    "gettext_noop": (None, 0),
    "ngettext": (None, 0),
    "ngettext_lazy": (None, 0),
    "pgettext": (0, 1),
    "pgettext_lazy": (0, 1),
    "npgettext": (0, 1),
    "npgettext_lazy": (0, 1),
}
STAFF_PLACES = ("backoffice/", "inventory/", "templates/admin/")
PLACEHOLDER = re.compile(r"%\(\w+\)(?:\.\d+)?[dfs]|%%")
TAG = re.compile(r"</?\w+>")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def messages_of_code(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.id if isinstance(function, ast.Name) else ""
        if name not in CALLS:
            continue
        context_at, wording_at = CALLS[name]
        wording = ast.literal_eval(node.args[wording_at])
        context = None
        if context_at is not None:
            context = ast.literal_eval(node.args[context_at])
        yield context, wording


def messages_of_template(name: str) -> Iterator[Message]:
    template = engines["django"].engine.get_template(name)  # type: ignore[attr-defined]
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        wording = node.filter_expression.var.literal.replace("%", "%%")
        yield constant(node.message_context), str(wording)
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        wording, _variables = node.render_token_list(node.singular)
        if node.trimmed:
            wording = trim_whitespace(wording)
        yield constant(node.message_context), str(wording)


def constant(expression: FilterExpression | None) -> str | None:
    return str(expression.resolve(Context())) if expression else None


def messages_of_project() -> set[Message]:
    found: set[Message] = set()
    for room in settings.ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            found.update(messages_of_code(path.read_text(encoding="utf-8")))
    templates = ROOT / "templates"
    for path in templates.rglob("*.*"):
        if path.suffix in (".html", ".txt"):
            found.update(messages_of_template(str(path.relative_to(templates))))
    return found


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_extraction_finds_every_kind_of_message() -> None:
    source = "_('a'); gettext_lazy('b' 'c'); pgettext('of d', 'd'); other('e')"

    assert list(messages_of_code(source)) == [
        (None, "a"),
        (None, "bc"),
        ("of d", "d"),
    ]
    found = set(messages_of_template("checkout/_amounts.html"))
    assert {(None, "Subtotal"), (None, "Free")} <= found
    assert (None, "of which %(rate)s %% tax on %(gross)s") in found


def test_the_catalogue_holds_the_messages_of_the_sources_and_no_others(
    catalogue: polib.POFile,
) -> None:
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue}
    used = messages_of_project()

    assert used - known == set(), "not in the catalogue: make messages, translate"
    assert known - used == set(), "no longer used: make messages"


def test_every_message_is_translated_and_none_is_only_guessed(
    catalogue: polib.POFile,
) -> None:
    assert catalogue.untranslated_entries() == []
    assert catalogue.fuzzy_entries() == []
    assert catalogue.obsolete_entries() == []


def test_translations_have_the_placeholders_and_tags_of_the_wording(
    catalogue: polib.POFile,
) -> None:
    differing = [
        entry.msgid
        for entry in catalogue
        for pattern in (PLACEHOLDER, TAG)
        for text in translations(entry)
        if set(pattern.findall(text))
        != set(pattern.findall(entry.msgid_plural or entry.msgid))
    ]

    assert differing == []


def test_staff_read_one_japanese_word_for_goods_that_are_held(
    catalogue: polib.POFile,
) -> None:
    """The customer's word for a hold is another one."""
    of_staff = [
        entry
        for entry in catalogue
        if all(name.startswith(STAFF_PLACES) for name, _line in entry.occurrences)
    ]
    assert len(of_staff) > 500, "they are not found any more"
    assert [
        text for entry in of_staff for text in translations(entry) if "取り置き" in text
    ] == []
    held = catalogue.find("hold")
    assert held is not None
    assert held.msgstr == "引当"


def test_the_compiled_messages_are_those_of_the_catalogue(
    catalogue: polib.POFile,
) -> None:
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert {
        (entry.msgctxt, entry.msgid): translations(entry) for entry in compiled
    } == {(entry.msgctxt, entry.msgid): translations(entry) for entry in catalogue}


def test_whatever_leads_to_another_row_has_a_name_in_every_language() -> None:
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in settings.ROOMS
        for field in model._meta.fields
        # Django makes a name of its own, in English: a plain string.
        if field.is_relation and isinstance(field.verbose_name, str)
    ]
    assert unnamed == []
