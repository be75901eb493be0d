"""Compress pages; see docs/adr/0027 for why this tells no secret (BREACH)."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Pictures are compressed already, and a stream of events must not wait for more.
COMPRESSED = ("text/html", "text/plain", "application/json", "image/svg+xml")


class PageCompression(GZipMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming:
            return response
        if not response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
