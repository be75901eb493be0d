"""What the shop answers to: addresses from its URL resolver, forms from its pages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.urls import Resolver404, get_resolver, resolve

# Values for captures of addresses to which no page leads.
FALLBACK = {
    "int": "1",
    "slug": "mug",
    "uuid": "0b5b0a4e-5d6b-4f0e-8d5e-1f0a4a4a4a4a",
    "path": "1",
    "str": "a:b:c",
}
_CAPTURE = re.compile(r"<(?:(\w+):)?(\w+)>")
_REGEX_CAPTURE = re.compile(r"\(\?P<(\w+)>[^)]*\)")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Target:
    """A request that the shop expects: an address, and the form that it takes.

    ``key`` is the same for another shop with other goods and orders.
    """

    key: str
    method: str
    path: str
    query: Pairs = ()
    fields: Pairs = ()
    is_multipart: bool = False
    captures: tuple[str, ...] = field(default=(), compare=False)


@dataclass
class Page(HTMLParser):
    """The links and forms of a page."""

    text: str
    links: list[str] = field(default_factory=list)
    forms: list[tuple[dict[str, str], list[tuple[str, str]]]] = field(
        default_factory=list
    )

    def __post_init__(self) -> None:
        super().__init__()
        self._select = ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "form":
            self.forms.append((found, []))
        elif tag == "select":
            self._select = found.get("name", "")
            self._add(self._select, "")
        elif tag == "option" and self._select and "selected" in found:
            self._add(self._select, found.get("value", ""))
        elif tag in ("input", "textarea", "button"):
            self._add(found.get("name", ""), found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _add(self, name: str, value: str) -> None:
        if name and self.forms:
            fields = [pair for pair in self.forms[-1][1] if pair[0] != name]
            self.forms[-1][1][:] = [*fields, (name, value)]


def routes(resolver: Any = None, before: str = "") -> Iterator[str]:
    """Yield the pattern of every address of the shop."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, route)
        else:
            yield route


def fill(route: str) -> str:
    """Return an address of a route, with values that need not exist."""
    plain = _REGEX_CAPTURE.sub(r"<slug:\1>", route).replace("^", "").replace("$", "")
    return "/" + _CAPTURE.sub(lambda found: FALLBACK[found[1] or "str"], plain)


class Surface:
    """Everything that was found. ``get`` returns the HTML of an address, or ""."""

    def __init__(self, get: Callable[[str], str]) -> None:
        self._get = get
        self._targets: dict[str, Target] = {}
        self._seen: set[str] = set()

    @property
    def targets(self) -> list[Target]:
        return [self._targets[key] for key in sorted(self._targets)]

    def add(self, target: Target) -> None:
        self._targets.setdefault(target.key, target)

    def crawl(self, *starts: str) -> None:
        """Read these pages and follow their links, one of every kind of address."""
        for address in starts:
            self._seen.add(self._add_link(address))
        waiting = [link for address in starts for link in self._read(address)]
        while waiting:
            address = waiting.pop(0)
            kind = self._add_link(address)
            if not kind or kind in self._seen:
                continue
            self._seen.add(kind)
            waiting += self._read(address)

    def _read(self, address: str) -> list[str]:
        """Add the forms of a page. Return its links."""
        page = Page(self._get(address))
        for attributes, fields in page.forms:
            self._add_form(address, attributes, fields)
        return [urljoin(address, link) for link in page.links]

    def complete(self) -> None:
        """Add the addresses to which no page leads."""
        for route in routes():
            if not any(key.startswith(f"GET {route} ") for key in self._targets):
                self.add(Target(f"GET {route} ()", "GET", fill(route)))
            posts = (key.startswith(f"POST {route} ") for key in self._targets)
            if not any(posts):
                self.add(Target(f"POST {route} ()", "POST", fill(route)))

    def _add_link(self, address: str) -> str:
        """Add a GET of the address. Return the kind of page, "" if it is not ours."""
        parts = urlsplit(address)
        if parts.netloc or parts.scheme:
            return ""
        found = target_of("GET", parts.path, parse_qsl(parts.query), ())
        if found is None:
            return ""
        known = self._targets.get(found.key)
        names = {name for name, _ in known.query} if known else set()
        query = [*(known.query if known else ())]
        query += [pair for pair in found.query if pair[0] not in names]
        self._targets[found.key] = replace(known or found, query=tuple(query))
        return found.key

    def _add_form(
        self, address: str, attributes: dict[str, str], fields: list[tuple[str, str]]
    ) -> None:
        action = urlsplit(urljoin(address, attributes.get("action", "")))
        method = attributes.get("method", "get").upper()
        pairs = tuple(fields)
        if method == "GET":
            found = target_of("GET", action.path, pairs, ())
        else:
            found = target_of("POST", action.path, parse_qsl(action.query), pairs)
        if found is not None and not action.netloc:
            is_multipart = "multipart" in attributes.get("enctype", "")
            self.add(replace(found, is_multipart=is_multipart))


def target_of(
    method: str, path: str, query: Any, fields: tuple[tuple[str, str], ...]
) -> Target | None:
    """Return the target of a path of the shop, None for any other."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    # Numbers in names are keys of rows; slugs that are called name choose a page.
    names = sorted({re.sub(r"\d+", "N", name) for name, _ in fields})
    chosen = [str(match.kwargs["name"])] if "decide" in path or "do/" in path else []
    captures = tuple(str(value) for value in match.kwargs.values())
    key = f"{method} {match.route} ({', '.join([*chosen, *names])})"
    return Target(key, method, path, tuple(query), fields, captures=captures)
