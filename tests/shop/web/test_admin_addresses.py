"""The addresses of the admin that alerts put together are those of Django."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import NoReverseMatch, reverse

from shop.web.admin_addresses import first_page, list_page, row_page

ROOT = Path(settings.BASE_DIR)
USED = re.compile(r"\b(?:list|row)_page\(\s*['\"](\w+)['\"]")


def name_of(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def test_they_are_those_of_django() -> None:
    names = [name_of(model) for model in admin.site._registry]

    assert len(names) > 40
    assert first_page() == reverse("admin:index")
    for name in names:
        assert list_page(name) == reverse(f"admin:{name}_changelist")
        try:
            row = reverse(f"admin:{name}_change", args=[7])
        except NoReverseMatch:  # a list whose rows have no page
            continue
        assert row_page(name, 7) == row


@pytest.mark.parametrize("package", ["checkout", "flows", "outgoing", "events"])
def test_only_pages_that_there_are_get_an_address(package: str) -> None:
    names = {name_of(model) for model in admin.site._registry}
    used = {
        name
        for path in (ROOT / package).rglob("*.py")
        for name in USED.findall(path.read_text(encoding="utf-8"))
    }

    assert used <= names
    assert used or package in {"outgoing", "events"}
