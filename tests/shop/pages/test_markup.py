"""The marks of pages: what they become, and that nothing else becomes markup."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.pages.facts import Fact, Table
from shop.pages.markup import plain, render

FACTS: dict[str, Fact] = {
    "phone": "03-1234-5678",
    "address": "Tokyo\n<Minato>",
    "nothing": "",
    "rates": Table(("Method", "Fee"), (("Parcel", "¥600"),)),
    "no_rates": Table(("Method",), ()),
}
ALLOWED = {
    "h2", "h3", "p", "br", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th",
    "td", "strong", "a",
}  # fmt: skip


def html(text: str) -> str:
    return str(render(text, FACTS.get))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("## One\n### Two", "<h2>One</h2>\n<h3>Two</h3>"),
        ("a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("**a** b", "<p><strong>a</strong> b</p>"),
        ("[a](/p/)", '<p><a href="/p/">a</a></p>'),
        ("[a](https://b.example/?c=1&d)", 'href="https://b.example/?c=1&amp;d"'),
        ("Call {phone}", "<p>Call 03-1234-5678</p>"),
        ("**{phone}**", "<strong>03-1234-5678</strong>"),
        ("{address}", "<p>Tokyo<br>&lt;Minato&gt;</p>"),
        ("| Phone | {phone} |", '<tr><th scope="row">Phone</th><td>03-1234-5678</td>'),
        ("| A | B |\n|---|---|\n| c | d |", '<th scope="col">A</th>'),
        ("{rates}", '<th scope="row">Parcel</th><td>¥600</td>'),
        ("Fees\n{rates}\nmore", "<p>Fees</p>\n<table>"),
        ("{unknown}", "<p>{unknown}</p>"),
        ("<b>a</b> & 'c'", "&lt;b&gt;a&lt;/b&gt; &amp; &#x27;c&#x27;"),
    ],
)
def test_marks_become_elements(written: str, shown: str) -> None:
    assert shown in html(written)


def test_a_line_whose_fact_is_empty_is_left_out() -> None:
    assert html("a\nCall {nothing}\nb") == "<p>a<br>b</p>"
    assert "Fax" not in html("| Fax | {nothing} |\n| Phone | {phone} |")


def test_a_section_that_stands_on_an_empty_fact_is_left_out() -> None:
    shown = html("## Fees\n{no_rates}\nAll of them.\n\n## Rest\nb")

    assert shown == "<h2>Rest</h2>\n<p>b</p>"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScript:x", "data:text/html,x", "//evil.example",
     "/\\evil.example", "vbscript:x", 'https://a"onclick=x', "\x01javascript:x"],
)  # fmt: skip
def test_no_other_kind_of_address_becomes_a_link(url: str) -> None:
    assert "<a" not in html(f"[a]({url})")


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


PIECES = st.sampled_from(
    ["## ", "- ", "1. ", "| ", " |", "|---|", "**", "[a](", "](/x)", "{rates}", "\n",
     "{phone}", "{address}", "<script>", "<!--", "&lt;", "javascript:", '"', "'", ">",
     "[x](https://e.example/", ")", "<a href=x onclick=y>"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_only_these_elements_come_out(text: str) -> None:
    elements = Elements()
    elements.feed(html(text))
    elements.close()

    assert elements.open == []
    for tag, attributes in elements.found:
        assert tag in ALLOWED
        assert set(attributes) <= {"href", "scope"}
        assert re.match(r"https?://|mailto:|tel:|/|#", attributes.get("href") or "/")


def test_a_summary_is_text() -> None:
    assert plain("## A\n- **b**\n\n{phone}", FACTS.get) == "A b 03-1234-5678"
