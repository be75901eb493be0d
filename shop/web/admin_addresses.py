"""Addresses of the admin's pages, for alerts and mails to staff.

Django's ``reverse`` has to load every page of the admin. The processes that write
alerts show none (docs/adr/0044), so the address is put together here as the admin does
it. ``name`` is what Django calls the pages of a model: its app and its name, such as
"orders_order".
"""

from django.urls import get_script_prefix


def first_page() -> str:
    """Return the address of the admin's first page."""
    return f"{get_script_prefix()}admin/"


def list_page(name: str) -> str:
    """Return the address of the list of a model."""
    app, model = name.split("_", 1)
    return f"{first_page()}{app}/{model}/"


def row_page(name: str, key: int | str) -> str:
    """Return the address of one row's page."""
    return f"{list_page(name)}{key}/change/"
