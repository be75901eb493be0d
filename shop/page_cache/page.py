"""A kept page: what was made once, and the answers that are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from shop.page_cache import encodings, visitor_parts
from shop.page_cache.encodings import BROTLI, GZIP, IDENTITY, Spliced

# What an answer depends on. Accept-Language and Cookie choose the language.
_VARY = ("Accept-Encoding", "Accept-Language", "Cookie")


@dataclass(frozen=True)
class Page:
    """An answer for all guests with the same address and language.

    ``slots`` names the visitor's part between each two ``pieces``; ``guest`` has those
    parts as guests see them. ``is_kept``: others may be answered with it.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: tuple[bytes, ...]
    slots: tuple[str, ...]
    guest: tuple[bytes, ...]

    @classmethod
    def of(cls, response: HttpResponseBase, guest: HttpRequest) -> "Page":
        """Return the page that ``response`` answers to the request of a guest."""
        if not isinstance(response, HttpResponse) or response.cookies:
            message = "A page for all guests is no stream, and sets no cookie."
            raise TypeError(message)
        patch_vary_headers(response, _VARY)
        # It is set for each answer by its own length.
        del response["Content-Length"]
        pieces, slots = visitor_parts.split(response.content)
        return cls(
            status=response.status_code,
            headers=tuple(response.items()),
            pieces=pieces,
            slots=slots,
            guest=tuple(visitor_parts.render(slots, guest)),
        )

    @property
    def is_kept(self) -> bool:
        return self.status == HttpResponse.status_code

    @cached_property
    def size(self) -> int:
        """The bytes that it takes at most, with all its codings."""
        return 3 * sum(map(len, self.pieces))

    def answer(
        self, request: HttpRequest, parts: Sequence[bytes] | None = None
    ) -> HttpResponse:
        """Return the answer to a guest, or to the visitor with these ``parts``."""
        accepted = encodings.accepted(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if parts is None or tuple(parts) == self.guest:
            coding = next((each for each in (BROTLI, GZIP) if each in accepted), "")
            content, tag = self._for_guests(coding), self._tag
        else:
            coding = GZIP if GZIP in accepted else IDENTITY
            splice = self._spliced.gzip if coding else self._spliced.plain
            content = splice(parts)
            tag = f"{self._tag}-{_digest(parts)}"
        response = HttpResponse(content, status=self.status, headers=self._headers)
        response["Content-Length"] = str(len(content))
        if coding:
            response["Content-Encoding"] = coding
        if not self.is_kept:
            return response
        return _tagged(response, request, f'W/"{tag}"')

    @cached_property
    def _headers(self) -> dict[str, str]:
        return dict(self.headers)

    @cached_property
    def _spliced(self) -> Spliced:
        return Spliced(self.pieces)

    @cached_property
    def _tag(self) -> str:
        """Of the headers, too: a browser keeps the old ones with an unchanged page."""
        headers = [f"{name}:{value}".encode() for name, value in self.headers]
        return _digest([*headers, *self.pieces, *self.guest])

    @cached_property
    def _guest_codings(self) -> dict[str, bytes]:
        return {}

    def _for_guests(self, coding: str) -> bytes:
        """Return the page as guests see it. Two threads may both make a coding."""
        made = self._guest_codings.get(coding)
        if made is None:
            made = self._spliced.plain(self.guest)
            if coding:
                made = encodings.compress(made, coding)
            self._guest_codings[coding] = made
        return made


def _tagged(response: HttpResponse, request: HttpRequest, tag: str) -> HttpResponse:
    """Add the ETag; return 304 if the browser has the page already."""
    response["ETag"] = tag
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    return get_conditional_response(request, etag=tag, response=response)  # type: ignore[return-value]


def _digest(parts: Sequence[bytes]) -> str:
    digest = blake2b(digest_size=12)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
