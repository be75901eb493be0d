"""Pages are compressed; streams of events and pictures are not."""

import gzip
import re

import pytest
from django.test import Client

from shop.catalogue.models import Product
from tests.support.keeper import keeping
from tests.support.ordering import place
from tests.support.shopping import fill

GZIP = {"Accept-Encoding": "gzip, br"}

pytestmark = pytest.mark.django_db


def test_pages_are_compressed(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    plain = client.get("/cart/").content
    answer = client.get("/cart/", headers=GZIP)

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert len(answer.content) < len(plain) / 2


def test_the_token_of_a_page_is_masked_anew_and_its_length_padded(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    answers = [client.get("/cart/", headers=GZIP).content for _ in range(20)]
    pages = [gzip.decompress(answer).decode() for answer in answers]
    tokens = {
        re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0] for page in pages
    }

    assert len(tokens) == len(pages)
    assert len({len(answer) for answer in answers}) > 5


def test_a_stream_of_events_is_not_compressed(client: Client, mug: Product) -> None:
    order, _saga = place(units={"MUG-01": 1})

    answer = client.get(f"/orders/{order.uid}/stream/", headers=GZIP, **keeping())

    assert answer["Content-Type"] == "text/event-stream"
    assert "Content-Encoding" not in answer
    assert next(iter(answer)).startswith(b"retry: 1000\n\n")
