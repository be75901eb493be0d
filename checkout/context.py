"""The cart's badge in the header of every page."""

from django.http import HttpRequest


def cart(_request: HttpRequest) -> dict[str, object]:
    return {}
