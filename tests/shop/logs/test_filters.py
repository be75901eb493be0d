"""The filters of log records."""

import logging
from typing import Any

import pytest
from django.conf import settings
from kombu.exceptions import OperationalError
from kombu.message import Message

from shop.logs.filters import RefusalsInOneLine

LOGGER = logging.getLogger("celery.worker.request")


class _Gone:
    """A channel of a broker that has closed the connection."""

    no_ack_consumers = None

    def basic_ack(self, *_arguments: object, **_options: object) -> None:
        message = "Connection closed by server."
        raise OperationalError(message)


def test_a_broker_that_went_away_is_logged_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Message(channel=_Gone(), delivery_tag="7").ack_log_error(LOGGER, OperationalError)
    (record,) = caplog.records
    assert "Connection closed by server." in record.getMessage()
    assert record.exc_info is None


def test_other_traces_of_tasks_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    LOGGER.error("Task raised", exc_info=ZeroDivisionError())
    (record,) = caplog.records
    assert record.exc_info


@pytest.mark.parametrize(
    ("status", "is_kept"), [(400, False), (404, False), (500, True)]
)
def test_only_failures_of_the_shop_are_logged_with_a_trace(
    status: int, *, is_kept: bool
) -> None:
    record = logging.makeLogRecord(
        {"status_code": status, "exc_info": (ValueError, ValueError(), None)}
    )
    assert RefusalsInOneLine().filter(record)
    assert (record.exc_info is not None) is is_kept


def test_the_console_shortens_refusals() -> None:
    console = dict[str, Any](settings.LOGGING)["handlers"]["console"]
    assert console["filters"] == ["refusals_in_one_line"]
