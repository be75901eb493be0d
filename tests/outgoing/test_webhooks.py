"""What endpoints get, and that they can verify it with the library."""

from datetime import timedelta

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from django.db import connection
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import WebhookVerificationError

from events.models import Delivery, Event
from events.router import route_all
from outgoing.envelope import envelope
from outgoing.webhooks import secrets, services
from outgoing.webhooks.models import LONGEST_ANSWER, Attempt, Endpoint, EndpointSecret
from outgoing.webhooks.services import TooMany, send_test
from shop.text.sealed import CannotBeRead, seal, unseal
from tests.conftest import Clock
from tests.events.conftest import AT
from tests.outgoing.conftest import (
    Listen,
    boil,
    capture,
    is_secret,
    make_endpoint,
    parts_of,
    says_status,
    secret_of,
    send_all,
    states,
    verified,
)
from tests.support.raw_server import says

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.mark.both_databases
def test_an_event_arrives_signed_as_a_cloud_event(listen: Listen) -> None:
    endpoint, server = listen()
    boil(1)

    assert send_all(endpoint) == 1

    (request,) = server.heard
    event = Event.objects.get()
    said = verified(request, secret_of(endpoint.secrets.get()))
    headers, body = parts_of(request)
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["webhook-id"] == said["id"] == str(event.uid)
    read = JSONFormat().read(CloudEvent, body)
    assert read.get_type() == "tea.boiled"
    assert read.get_subject() == "kettle/1"
    assert read.get_source() == "https://shop.example"
    assert read.get_time() == event.occurred_at
    assert read.get_data() == {"litres": 1}
    assert read.get_extension("sequence") == "0000000001"
    assert read.get_extension("correlation") == "K"
    assert read.get_extension("dataversion") == 3
    assert states(endpoint) == [State.DONE]


def test_only_the_types_that_an_endpoint_wants_are_sent(listen: Listen) -> None:
    tea, _server = listen()
    other, silent = listen(types="coffee.* order.placed")
    boil(1, 2)

    assert (send_all(tea), send_all(other)) == (2, 0)
    assert silent.heard == []


def test_an_inactive_endpoint_gets_nothing_and_can_catch_up(
    listen: Listen, clock: Clock
) -> None:
    endpoint, server = listen()
    assert services.switch_off(endpoint)
    assert not services.switch_off(endpoint)
    boil(1, 2)
    assert (states(endpoint), send_all(endpoint)) == ([], 0)

    assert services.switch_on(endpoint)
    assert not services.switch_on(endpoint)
    since = Event.objects.earliest("pk").occurred_at
    assert services.count_missed(endpoint, since) == 2
    assert services.catch_up(endpoint, since) == 2
    assert send_all(endpoint) == 2
    assert len(server.heard) == 2


@pytest.mark.both_databases
def test_while_a_secret_is_replaced_both_sign(listen: Listen, clock: Clock) -> None:
    endpoint, server = listen()
    before = secret_of(endpoint.secrets.get())
    after = secret_of(secrets.rotate(endpoint, "mina", timedelta(hours=24)))
    boil(1)
    send_all(endpoint)

    clock.shift(timedelta(hours=24, seconds=1))
    boil(2)
    send_all(endpoint)

    first, second = server.heard
    clock.shift(timedelta(hours=-24, seconds=-1))
    assert verified(first, before) == verified(first, after)
    clock.shift(timedelta(hours=24, seconds=1))
    assert verified(second, after)["data"] == {"litres": 2}
    with pytest.raises(WebhookVerificationError):
        verified(second, before)
    assert secrets.forget_ended() == 1
    assert endpoint.secrets.count() == 1


def test_a_stolen_secret_ends_at_once(listen: Listen) -> None:
    endpoint, server = listen()
    stolen = [secret_of(endpoint.secrets.get())]
    stolen.append(secret_of(secrets.rotate(endpoint, "mina", timedelta(days=3))))
    fresh = secret_of(secrets.rotate(endpoint, "mina", timedelta(0)))
    boil(1)
    send_all(endpoint)

    (request,) = server.heard
    assert verified(request, fresh)
    for secret in stolen:
        with pytest.raises(WebhookVerificationError):
            verified(request, secret)


def test_a_secret_is_shown_once_and_encrypted_in_the_database(
    listen: Listen, settings: Settings
) -> None:
    endpoint, _server = listen()
    row = endpoint.secrets.get()
    text = secrets.reveal(row)

    assert text is not None
    assert is_secret(text)
    assert secrets.reveal(row) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM outgoing_endpointsecret")
        (kept,) = cursor.fetchone()
    assert text[6:20] not in kept

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert secret_of(row) == text
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CannotBeRead, match="SECRET_KEY_FALLBACKS"):
        secrets.signing(endpoint)


def test_what_is_sealed_for_one_purpose_cannot_be_read_for_another() -> None:
    sealed = seal("text", "one")

    assert unseal(sealed, "one") == "text"
    with pytest.raises(CannotBeRead):
        unseal(sealed, "other")


def test_without_a_readable_secret_nothing_is_sent(
    listen: Listen, settings: Settings
) -> None:
    endpoint, server = listen()
    boil(1)
    settings.SECRET_KEY = "another" * 10

    send_all(endpoint)

    assert server.heard == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error_class) == (State.WAITING, "CannotBeRead")


def test_request_and_answer_are_kept_bounded_and_without_secrets(
    listen: Listen,
) -> None:
    body = "whsec_c2VjcmV0 is wrong " + "x" * 9_000
    more = "Set-Cookie: a=b\r\nServer: hooks\r\n"
    endpoint, _server = listen(says_status(422, more, body))
    boil(1)
    send_all(endpoint)

    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.is_taken) == (422, False)
    assert attempt.answer_headers == {"server": "hooks"}
    assert attempt.answer_body.startswith("[hidden] is wrong xxx")
    assert len(attempt.answer_body) == LONGEST_ANSWER
    assert attempt.request_headers["webhook-signature"] == "[hidden]"
    assert attempt.request_headers["webhook-id"] == str(attempt.uid)
    assert '"type":"tea.boiled"' in attempt.request_body
    kept = str(Attempt.objects.values().get())
    assert secret_of(endpoint.secrets.get())[6:] not in kept
    assert "v1," not in kept


@pytest.mark.both_databases
def test_an_answer_that_no_database_takes_is_kept_all_the_same(
    listen: Listen,
) -> None:
    head = b"HTTP/1.1 500 x\r\nServer: a\x00b\r\nContent-Length: 4\r\n\r\n"
    endpoint, _server = listen(says(head + b"\x00\xff\xed\xa0"))
    boil(1)
    send_all(endpoint)

    assert Attempt.objects.get().status == 500


def test_a_test_message_says_that_it_is_none(listen: Listen) -> None:
    endpoint, server = listen()

    attempt = send_test(endpoint)

    said = verified(server.heard[0], secret_of(endpoint.secrets.get()))
    assert attempt.is_taken
    assert (said["type"], said["data"]) == ("webhook.test", {"endpoint": "ERP"})
    assert not Delivery.objects.exists()


def test_a_private_address_is_refused_when_it_is_called(
    listen: Listen, settings: Settings
) -> None:
    endpoint, server = listen()
    settings.OUTGOING_PRIVATE_NETWORKS = []

    attempt = send_test(endpoint)

    assert server.heard == []
    assert "is not an address of the Internet" in attempt.error


def test_in_production_plain_http_is_refused(
    listen: Listen, settings: Settings
) -> None:
    endpoint, server = listen()
    settings.PRODUCTION = True

    assert "https://" in send_test(endpoint).error
    assert server.heard == []


def test_a_redirect_is_not_followed(listen: Listen) -> None:
    _inside, target = listen(types="nothing")
    location = f"Location: http://127.0.0.1:{target.port}/\r\n"
    endpoint, _server = listen(says_status(308, location))

    attempt = send_test(endpoint)

    assert target.heard == []
    assert attempt.error.endswith("redirects are not followed")


def test_delivered_events_can_be_sent_again(listen: Listen) -> None:
    endpoint, server = listen()
    boil(1, 2)
    send_all(endpoint)

    assert services.send_again(Delivery.objects.filter(event__subject="kettle/1")) == 1
    send_all(endpoint)

    ids = [parts_of(request)[0]["webhook-id"] for request in server.heard]
    assert len(ids) == 3
    assert ids[0] == ids[2]


def test_a_removed_endpoint_leaves_nothing_behind(listen: Listen) -> None:
    endpoint, _server = listen()
    other, _other_server = listen()
    boil(1)
    send_all(endpoint)

    services.remove([endpoint])

    assert list(Endpoint.objects.all()) == [other]
    assert {row.consumer for row in Delivery.objects.all()} == {other.consumer}
    assert not Attempt.objects.exists()
    assert EndpointSecret.objects.count() == 1


def test_there_are_only_so_many_active_endpoints(db: None) -> None:
    Endpoint.objects.bulk_create(
        Endpoint(name=str(n), url="https://a.example") for n in range(49)
    )
    off = make_endpoint(1)
    services.switch_off(off)
    make_endpoint(1)

    with pytest.raises(TooMany):
        make_endpoint(1)
    with pytest.raises(TooMany):
        services.switch_on(off)
    assert Endpoint.objects.count() == 51


def test_old_requests_are_forgotten(listen: Listen, clock: Clock) -> None:
    endpoint, _server = listen()
    send_test(endpoint)
    clock.shift(timedelta(days=2))
    kept = send_test(endpoint)

    assert services.forget_attempts(kept.sent_at - timedelta(days=1)) == 1
    assert Attempt.objects.get() == kept


def test_the_envelope_is_the_same_whenever_it_is_made(listen: Listen) -> None:
    listen()
    boil(1)
    event = Event.objects.get()

    assert envelope(event) == envelope(Event.objects.get())
    assert envelope(event)["time"] == "2030-01-31T09:00:00.000Z"


@pytest.mark.both_databases
def test_what_was_not_yet_routed_when_it_was_switched_off_is_sent_afterwards(
    listen: Listen,
) -> None:
    endpoint, server = listen()
    boil(1)
    send_all(endpoint)
    capture(2)
    services.switch_off(endpoint)
    route_all()
    switched_off = AT + timedelta(seconds=1)

    services.switch_on(endpoint)
    assert services.count_missed(endpoint, switched_off) == 1
    assert services.catch_up(endpoint, switched_off) == 1
    send_all(endpoint)

    # What it had is not sent again, nor what happened before there was an endpoint.
    assert [b'"litres":2' in request for request in server.heard] == [False, True]
    assert services.count_missed(endpoint, switched_off) == 0
    other, _server = listen()
    Endpoint.objects.filter(pk=other.pk).update(made_at=switched_off)
    other.refresh_from_db()
    assert services.count_missed(other, switched_off) == 0


def test_who_replaces_a_secret_keeps_the_name_that_another_one_has_given(
    listen: Listen,
) -> None:
    endpoint, _server = listen()
    Endpoint.objects.filter(pk=endpoint.pk).update(name="Books")

    secrets.rotate(endpoint, "mina", timedelta(hours=1))

    assert Endpoint.objects.get().name == "Books"
