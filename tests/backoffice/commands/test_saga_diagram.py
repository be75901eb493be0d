"""The diagrams in docs show the sagas of the code."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backoffice.management.commands import saga_diagram
from checkout.flow.definition import CHECKOUT
from saga.definition import Definition, all_definitions, register
from saga.diagram import page


def test_the_pages_in_docs_are_up_to_date() -> None:
    call_command("saga_diagram", "--check")


def test_the_readme_shows_the_same_drawing() -> None:
    drawing = page(CHECKOUT).split("```")[1]

    assert drawing in (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")


def test_a_page_that_is_out_of_date_is_named_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saga_diagram, "FOLDER", tmp_path)

    with pytest.raises(
        CommandError, match=r"out of date: cancellation\.md, checkout\.md"
    ) as refusal:
        call_command("saga_diagram", "--check")
    assert refusal.value.returncode == 1
    assert list(tmp_path.iterdir()) == []

    call_command("saga_diagram")
    call_command("saga_diagram", "--check")
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"{definition.name}.md" for definition in all_definitions()),
        "versions.json",
    }
    assert (tmp_path / "checkout.md").read_text(encoding="utf-8") == page(CHECKOUT)


def test_pivot_links_kinds_and_the_way_back_are_drawn() -> None:
    drawn = page(CHECKOUT)

    assert 'capture_payment("capture_payment<br/>the pivot")' in drawn
    assert 'reserve_stock["reserve_stock"]' in drawn
    assert 'subgraph checkout_take_payment["checkout.take_payment"]' in drawn
    assert "capture_payment == only forward ==> fulfil_order" in drawn
    back = [line.strip() for line in drawn.splitlines() if "-. undo .->" in line]
    assert back == [
        "capture_payment -. undo .-> authorize_payment",
        "authorize_payment -. undo .-> reserve_stock",
        "reserve_stock -. undo .-> undone([undone])",
    ]


@pytest.fixture
def changed() -> Iterator[Definition]:
    """Return the checkout without its mail, under the same version."""
    yield register(replace(CHECKOUT, steps=CHECKOUT.steps[:-1]))
    register(CHECKOUT)


def test_steps_that_change_without_a_new_version_are_refused(
    changed: Definition,
) -> None:
    for words in (["saga_diagram"], ["saga_diagram", "--check"]):
        with pytest.raises(CommandError, match="raise its version") as refusal:
            call_command(*words)
        assert refusal.value.returncode == 1


def test_a_new_version_is_recorded_beside_the_old_ones(
    changed: Definition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saga_diagram, "FOLDER", tmp_path)
    call_command("saga_diagram")
    register(replace(CHECKOUT, version=2))

    call_command("saga_diagram")

    versions = json.loads((tmp_path / "versions.json").read_text())["checkout"]
    assert list(versions) == ["1", "2"]
    assert versions["2"][:-1] == versions["1"]
    assert "in branch mail after capture_payment" in versions["2"][-1]


def test_another_order_of_steps_is_another_drawing() -> None:
    fewer = replace(CHECKOUT, steps=CHECKOUT.steps[:-1])

    assert page(fewer) != page(CHECKOUT)
