"""The fixture with which each folder of live tests starts its own processes."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.live import LiveStack, live_stack


def live_stack_fixture(
    name: str, *, alerts_to_chat: bool = False, **variables: str
) -> Any:
    """Return the package's fixture ``live_stack_processes``, to be put into a conftest.

    ``variables`` change the environment of the shop; with ``alerts_to_chat`` it sends
    its alerts to the fixture ``chat``. ``name`` is that of its temporary folder.
    """

    @pytest.fixture(scope="package")
    def live_stack_processes(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[LiveStack]:
        if alerts_to_chat:
            chat = request.getfixturevalue("chat")
            variables["ALERT_CHAT_WEBHOOK_URL"] = chat.url
        with live_stack(tmp_path_factory.mktemp(name) / "data", **variables) as stack:
            yield stack

    return live_stack_processes
