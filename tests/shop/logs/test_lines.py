"""What a line says: when, what, of which request, saga and step."""

import json
import logging
import time

import pytest
from django.conf import settings

from shop.logs.configuration import logging_for
from shop.logs.context import bound, bound_to_origin, fields
from shop.logs.privacy import clean
from tests.shop.logs.capture import written

LOGGER = logging.getLogger("shop.example")
FIRST, SECOND = "a" * 32, "b" * 32


def test_a_line_of_json_has_what_is_bound_and_what_its_call_gives() -> None:
    with written() as out, bound(request_id=FIRST, reference="261122-AAAAAA", step=""):
        LOGGER.warning("%s fails", "it", extra={"attempt": 2, "secret": "x"})

    (line,) = out.lines()
    assert line.pop("time").endswith("+00:00")
    assert line.pop("process") > 0
    assert line.pop("host")
    assert line == {
        "level": "WARNING",
        "logger": "shop.example",
        "message": "it fails",
        "request_id": FIRST,
        "reference": "261122-AAAAAA",
        "attempt": 2,
        "role": "command",
    }


def test_a_line_of_text_ends_with_it() -> None:
    with written("text") as out, bound(reference="261122-AAAAAA", step="reserve_stock"):
        LOGGER.info("held")

    line = out.getvalue()
    wanted = "INFO shop.example held [reference=261122-AAAAAA step=reserve_stock]\n"
    assert line.endswith(wanted)


def test_a_trace_is_a_part_of_its_line() -> None:
    with written() as out:
        LOGGER.error("failed", exc_info=ZeroDivisionError("by a test"))

    (line,) = out.lines()
    assert "ZeroDivisionError: by a test" in line["trace"]


def test_several_lines_are_kept_where_the_call_says_so() -> None:
    with written("text") as out:
        LOGGER.error("%s", "Order stopped\nLook", extra={"has_lines": True})
        LOGGER.error("%s", "forged\nline")

    assert out.getvalue().count("\n") == 3
    assert r"forged\nline" in out.getvalue()


def test_a_binding_ends_with_its_block() -> None:
    with bound(reference="one"):
        with bound(reference="two", saga=7):
            assert dict(fields()) == {"reference": "two", "saga": 7}
        assert dict(fields()) == {"reference": "one"}
    assert dict(fields()) == {}


def test_what_goes_on_later_names_where_it_began_and_what_woke_it() -> None:
    with bound(request_id=SECOND), bound_to_origin(FIRST):
        assert dict(fields()) == {"request_id": FIRST, "cause": SECOND}
    with bound_to_origin(FIRST):
        assert dict(fields()) == {"request_id": FIRST}
    with bound(request_id=FIRST), bound_to_origin(FIRST):
        assert dict(fields()) == {"request_id": FIRST}
    with bound(request_id=SECOND), bound_to_origin(""):
        assert dict(fields()) == {"request_id": SECOND}


@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("text", False)])
def test_the_setting_chooses_the_form(form: str, *, is_json: bool) -> None:
    made = logging_for(["shop"], "INFO", form)
    name = made["formatters"]["line"]["()"].rpartition(".")[2]
    assert (name == "JsonLines") is is_json


def test_gunicorn_and_django_write_by_the_same_handler() -> None:
    made = settings.LOGGING["loggers"]
    assert made["gunicorn.error"]["handlers"] == ["console"]
    assert made["django"]["handlers"] == []
    assert json.dumps(made)


def test_a_long_path_of_a_visitor_costs_little() -> None:
    """Read as often as it has letters, it would cost some ten seconds."""
    path = "/" + "a" * 100_000
    before = time.thread_time()
    assert clean(path) == path
    assert time.thread_time() - before < 2
