"""The two questions of machines: alive? able to serve?"""

import pytest
from django.test import Client

from tests.ground.ports import free_port


def test_livez_answers_without_touching_the_database(client: Client) -> None:
    # Without the db fixture a query would fail this test.
    answer = client.get("/livez")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_names_the_part_that_is_down(client: Client, settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "ok",
        "broker": "down (ConnectionError)",
    }
