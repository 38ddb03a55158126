"""What every callback keeps to, present and future: only who has the secret gives orders, now, and each once."""

from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kafka.errors import KafkaTimeoutError

from agents.callback_server import LARGEST, CallbackServer, known
from agents.notifiers._audience import Audience
from agents.watchlist_file import read_watchlist
from pipeline.callbacks._base import Nothing, Request, Wish
from schemas.codec import encode
from tests.contract.callback_examples import BRAND, EXAMPLES, INCIDENT, slack, standard
from tests.contract.callback_post import NOW, Post
from tests.fakes.command_line import WATCHLIST
from tests.fakes.outbox import made

every = pytest.mark.parametrize("name", known())


def test_every_callback_has_an_example():
    assert EXAMPLES.keys() == known().keys()


@every
async def test_a_genuine_request_is_one_command(post: Post, name: str):
    status = await post.genuine(name)
    (command,) = post.given

    assert status == 200
    assert (command.kind, command.brand) == ("ack", BRAND)
    assert command.by.endswith(f"({name})")


@every
async def test_a_request_that_is_replayed_is_acknowledged_and_no_second_command(post: Post, name: str):
    statuses = [await post.genuine(name), await post.genuine(name)]

    assert statuses == [200, 200]
    assert len(post.given) == 1


@every
async def test_a_replay_after_a_restart_has_the_id_of_the_first_so_that_workers_count_it_once(post: Post, name: str):
    await post.genuine(name)
    async with TestClient(TestServer(post.server().application())) as client:
        post.client = client
        await post.genuine(name)

    assert len({command.command_id for command in post.given}) == 1


@every
async def test_a_forged_signature_is_refused(post: Post, name: str):
    example = EXAMPLES[name]
    body = example.body(NOW)
    for header, value in example.signed(body, NOW).items():
        if any(word in header.lower() for word in ("sign", "signature")):
            forged = value[:-2] + ("00" if value[-2:] != "00" else "11")
            assert await post.send(name, body, {**example.signed(body, NOW), header: forged}) == 401
            assert await post.send(name, body, {**example.signed(body, NOW), header: "é" * 3}) == 401
    assert await post.send(name, body, {}) == 401
    assert post.given == []


@every
async def test_a_body_that_was_changed_is_refused_where_it_is_signed(post: Post, name: str):
    example = EXAMPLES[name]
    body = example.body(NOW)
    headers = example.signed(body, NOW)
    if headers == example.signed(b"another", NOW):
        pytest.skip("its signature is of the time alone: it is good once")

    assert await post.send(name, example.changed(body), headers) == 401
    assert post.given == []


@every
async def test_a_signature_is_good_for_one_body(post: Post, name: str):
    example = EXAMPLES[name]
    body = example.body(NOW)
    headers = example.signed(body, NOW)
    await post.send(name, body, headers)
    await post.send(name, body.replace(b"ack", b"resolve"), headers)

    assert [command.kind for command in post.given] == ["ack"]


@every
@pytest.mark.parametrize("sign", [1, -1])
async def test_a_recording_and_a_request_of_the_future_are_refused(post: Post, name: str, sign: int):
    post.now = NOW + sign * (EXAMPLES[name].fresh_within_s + 60)

    assert await post.genuine(name) in {400, 401}
    assert post.given == []


@every
async def test_a_huge_body_is_refused_before_it_is_read_whole(post: Post, name: str):
    body = b"x" * (LARGEST + 1)

    assert await post.send(name, body, EXAMPLES[name].signed(body, NOW)) == 413


@every
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"event": 7}', b"[" * 5_000, b"payload=%7B", b"a=b&" * 2_000]
)
async def test_a_signed_body_that_is_malformed_gives_no_order_and_no_error(post: Post, name: str, body: bytes):
    signed = standard(b"", NOW) if name == "standard" and not body.isascii() else EXAMPLES[name].signed(body, NOW)

    assert await post.send(name, body, signed) in {200, 400, 401}
    assert post.given == []


@every
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: encode({"event": text, "text": text})))
def test_no_body_makes_a_callback_raise_but_to_say_that_it_is_malformed(name: str, body: bytes):
    request = Request({"webhook-id": "x", "x-slack-signature": "x"}, body, float(NOW))
    try:
        found = known()[name].read(request)
    except ValueError:
        return

    assert isinstance(found, Wish | Nothing)


@every
async def test_a_callback_without_a_secret_is_not_there(name: str):
    post = Post()
    async with TestClient(TestServer(post.server(name).application())) as client:
        post.client = client

        assert await post.genuine(name) == 404


@every
def test_a_secret_that_can_be_guessed_is_refused_by_the_name_of_its_setting(name: str):
    secret = known()[name].secret
    with pytest.raises(ValueError, match=f"TOCSIN_{secret.upper()}: it is shorter") as caught:
        CallbackServer({secret: "short"}, read_watchlist(WATCHLIST), lambda _: None, lambda _: None, lambda: NOW)  # type: ignore[arg-type,return-value]  # never called

    assert "short'" not in str(caught.value)


async def test_what_kafka_does_not_take_is_to_be_sent_again_and_counts_then(post: Post):
    post.refusal = KafkaTimeoutError()
    first = await post.genuine("slack")
    post.refusal = None

    assert (first, await post.genuine("slack")) == (503, 200)
    assert len(post.given) == 1


async def test_a_probe_hears_that_the_server_answers(post: Post):
    assert post.client is not None
    reply = await post.client.get("/healthz")

    assert (reply.status, await reply.json()) == (200, {"healthy": True})


async def test_a_body_that_is_compressed_is_refused(post: Post):
    assert await post.send("slack", b"x", {"Content-Encoding": "gzip"}) == 415


async def test_who_types_wrongly_is_told_how(post: Post):
    for text, told in (
        ("hello", "write: ack BRAND"), ("ack acme-moble", "did you mean 'acme-mobile'?"),
        ("silence acme-mobile", "write 30m, 2h or 1d"), ("silence acme-mobile 90d", "more than 30 days from now"),
    ):  # fmt: skip
        body = urlencode({"text": text, "user_name": "ann"}).encode()

        assert await post.send("slack", body, slack(body, NOW)) == 200
        assert told in post.said
    assert post.given == []


async def test_a_silence_has_its_end_and_the_words_that_follow(post: Post):
    body = urlencode({"text": f"silence {BRAND} 2h known, team is on it", "user_name": "ann"}).encode()
    await post.send("slack", body, slack(body, NOW))
    (command,) = post.given

    assert (command.kind, command.until, command.text) == ("silence", (NOW + 7_200) * 1000, "known, team is on it")


async def test_a_button_answers_the_incident_it_stands_under(post: Post):
    audience = Audience.from_settings({"slack_buttons": "on"})
    shown = audience.slack(made(1, incident=INCIDENT))["blocks"][-1]["elements"]
    pressed = {"user": {"username": "ann"}, "actions": [shown[1]]}
    body = urlencode({"payload": encode(pressed).decode()}).encode()
    await post.send("slack", body, slack(body, NOW))
    (command,) = post.given

    assert (command.kind, command.brand, command.target, command.by) == ("resolve", BRAND, INCIDENT, "ann (slack)")


def test_what_cannot_be_answered_has_no_buttons_and_without_listener_nothing_has():
    on, off = Audience.from_settings({"slack_buttons": "on"}), Audience()
    shown = [on.slack(made(1, "resolve")), on.slack(made(1, "acknowledge")), off.slack(made(1))]

    assert [block for message in shown for block in message["blocks"] if block["type"] == "actions"] == []


async def test_an_incident_of_which_no_page_tells_is_nobody_s(post: Post):
    body = encode({"kind": "ack", "incident": "unknown", "by": "Ann"})

    assert await post.send("standard", body, standard(body, NOW)) == 200
    assert "no such incident" in post.said
    assert post.given == []
