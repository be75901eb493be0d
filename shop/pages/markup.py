"""The marks that staff write pages with, as HTML: a small part of Markdown.

``## heading``, ``### heading``, ``- item``, ``1. item``, ``| a | b |``, ``**bold**``,
``[text](address)`` and ``{fact}``. Everything else is text and is escaped, so no page
can contain an element, an attribute or a script that is not written here.
"""

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from shop.pages.facts import Fact, Table

FACT = re.compile(r"\{([a-z_]+)\}")
_INLINE = re.compile(
    r"\*\*(?P<bold>[^*\n]+)\*\*"
    r"|\[(?P<text>[^\[\]\n]+)\]\((?P<url>[^()\s]+)\)"
    r"|\{(?P<fact>[a-z_]+)\}"
)
_URL = re.compile(r"(https?://|mailto:|tel:|/(?![/\\])|#)[^\"'<>\\\s]*", re.IGNORECASE)
_MARKS = (
    ("h2", re.compile(r"## +(.+)")),
    ("h3", re.compile(r"### +(.+)")),
    ("ul", re.compile(r"[-*] +(.+)")),
    ("ol", re.compile(r"[0-9]{1,3}[.)] +(.+)")),
    ("table", re.compile(r"(\|.+)")),
)
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*")

# Returns the fact of a name; None: there is none of that name.
ReadFact = Callable[[str], Fact | None]


def render(text: str, read_fact: ReadFact) -> SafeString:
    """Return the HTML of a page.

    A line with a fact that is empty, such as a phone number that nobody entered, is
    left out; if the fact is all of the line, so is everything below its heading.
    """
    lines = [line.strip() for line in text.splitlines()]
    shown = (
        line
        for section in _sections(lines)
        if not any(_is_empty_fact(line, read_fact) for line in section)
        for line in section
        if not _lacks_fact(line, read_fact)
    )
    groups = groupby(map(_mark, shown), key=lambda marked: marked[0])
    blocks = (
        _block(mark, [line for _mark_of, line in group], read_fact)
        for mark, group in groups
    )
    return mark_safe("\n".join(block for block in blocks if block))  # noqa: S308


def plain(text: str, read_fact: ReadFact) -> str:
    """Return the beginning of a page as plain text, for search engines."""
    html = render(text, read_fact)
    words = re.sub(r"<[^>]*>", " ", html).split()
    return " ".join(words)


def _sections(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines from each heading to the next one."""
    section: list[str] = []
    for line in lines:
        if line.startswith("#") and section:
            yield section
            section = []
        section.append(line)
    yield section


def _is_empty_fact(line: str, read_fact: ReadFact) -> bool:
    return bool(FACT.fullmatch(line)) and _lacks_fact(line, read_fact)


def _mark(line: str) -> tuple[str, str]:
    """Return what a line is, and its text without the mark."""
    if not line:
        return "", ""
    for mark, pattern in _MARKS:
        found = pattern.fullmatch(line)
        if found:
            return mark, found[1]
    return "p", line


def _lacks_fact(line: str, read_fact: ReadFact) -> bool:
    facts = (read_fact(name) for name in FACT.findall(line))
    return any(fact is not None and not fact for fact in facts)


def _block(mark: str, lines: list[str], read_fact: ReadFact) -> str:
    if not mark:
        return ""
    if mark in ("h2", "h3"):
        inner = (f"<{mark}>{_inline(line, read_fact)}</{mark}>" for line in lines)
        return "\n".join(inner)
    if mark in ("ul", "ol"):
        items = "".join(f"<li>{_inline(line, read_fact)}</li>" for line in lines)
        return f"<{mark}>{items}</{mark}>"
    if mark == "table":
        return _table([_cells(line) for line in lines], read_fact)
    return "\n".join(_paragraphs(lines, read_fact))


def _paragraphs(lines: list[str], read_fact: ReadFact) -> Iterator[str]:
    """Yield paragraphs, and the tables of facts that stand on a line of their own."""
    text: list[str] = []
    for line in lines:
        found = FACT.fullmatch(line)
        fact = read_fact(found[1]) if found else None
        if isinstance(fact, Table):
            if text:
                yield f"<p>{'<br>'.join(text)}</p>"
                text = []
            yield _table_of(fact)
        else:
            text.append(_inline(line, read_fact))
    if text:
        yield f"<p>{'<br>'.join(text)}</p>"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _table(rows: list[list[str]], read_fact: ReadFact) -> str:
    """Return a table. With a line of dashes below the first row, that is its head."""
    has_head = len(rows) > 1 and bool(_RULE.fullmatch("|".join(rows[1])))
    body = rows[2:] if has_head else rows
    if not body:
        return ""
    made = [[_inline(cell, read_fact) for cell in row] for row in body]
    head = [_inline(cell, read_fact) for cell in rows[0]] if has_head else []
    return _html_table(head, made)


def _table_of(fact: Table) -> str:
    rows = [[_lines(cell) for cell in row] for row in fact.rows]
    return _html_table([escape(cell) for cell in fact.head], rows)


def _html_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of cells that are HTML. The first of each row is its heading."""
    cells = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    top = f"<thead><tr>{cells}</tr></thead>" if head else ""
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return f"<table>{top}<tbody>{body}</tbody></table>"


def _inline(text: str, read_fact: ReadFact) -> str:
    made: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        made.append(escape(text[end : found.start()]))
        made.append(_part(found, read_fact))
        end = found.end()
    return "".join([*made, escape(text[end:])])


def _part(found: "re.Match[str]", read_fact: ReadFact) -> str:
    if found["bold"]:
        return f"<strong>{_inline(found['bold'], read_fact)}</strong>"
    if found["fact"]:
        fact = read_fact(found["fact"])
        if isinstance(fact, str):
            return _lines(fact)
    elif _URL.fullmatch(found["url"]):
        # Within a link there is no other one.
        return f'<a href="{escape(found["url"])}">{escape(found["text"])}</a>'
    return escape(found[0])


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
