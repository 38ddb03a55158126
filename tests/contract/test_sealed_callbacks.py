"""Callbacks whose platform encrypts: trials of the address, buttons, what is inside, and what it is answered."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest

from agents.callback_server import CallbackServer
from agents.watchlist_file import read_watchlist
from pipeline.callbacks._sealed import decrypted
from pipeline.feishu_card import feishu_card, with_buttons
from pipeline.page_message import message
from pipeline.wecom_card import wecom_card
from schemas.codec import encode
from tests.contract.callback_examples import (
    BRAND,
    EXAMPLES,
    INCIDENT,
    IV,
    WECOM_KEY,
    feishu,
    feishu_event,
    feishu_sealed,
    wecom,
    wecom_body,
    wecom_sealed,
    wecom_signed,
    wecom_xml,
)
from tests.contract.callback_post import NOW, Post
from tests.fakes.command_line import WATCHLIST
from tests.fakes.outbox import made
from tests.fakes.plain_aes import cipher, encrypted

TRIAL = encode({"challenge": "c-1", "token": "t", "type": "url_verification"})
BOMB = (
    '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f"<xml><MsgType>text</MsgType><Content>ack {BRAND} &b;</Content><MsgId>1</MsgId></xml>"
).encode()


def test_the_cipher_of_the_tests_is_that_of_fips_197():
    key, plain = bytes(range(32)), bytes(place * 17 for place in range(16))

    assert cipher(key, plain).hex() == "8ea2b7ca516745bfeafc49904b496089"


@pytest.mark.parametrize("block", [16, 32])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 31, 32, 33, 500])
def test_what_was_encrypted_is_read_and_another_key_reads_nothing(size: int, block: int):
    key, plain = sha256(b"key").digest(), bytes(place % 251 for place in range(size))
    sealed = encrypted(key, IV, plain, block)

    assert decrypted(key, IV, sealed, block) == plain
    for other in (sealed[:-1], sealed[:-16] if size < 16 else sealed[16:-1], b"x" * 7):
        with pytest.raises(ValueError, match="another key"):
            decrypted(key, IV, other, block)


@pytest.mark.parametrize("headers", [{}, feishu(feishu_sealed(TRIAL), NOW)], ids=["unsigned", "signed"])
async def test_feishu_hears_the_challenge_with_which_it_tries_an_address(post: Post, headers: dict[str, str]):
    assert await post.send("feishu", feishu_sealed(TRIAL), headers) == 200
    assert json.loads(post.said) == {"challenge": "c-1"}


async def test_a_trial_by_another_key_and_an_event_without_a_signature_are_refused(post: Post):
    assert await post.send("feishu", feishu_sealed(TRIAL, "another key of sixteen"), {}) == 401
    assert await post.send("feishu", EXAMPLES["feishu"].body(NOW), {}) == 401
    assert await post.send("feishu", TRIAL, {}) == 401
    assert post.given == []


@pytest.mark.parametrize(("index", "kind"), [(0, "ack"), (1, "resolve")])
async def test_a_button_of_a_feishu_card_answers_its_incident_and_says_so(post: Post, index: int, kind: str):
    page = made(1, incident=INCIDENT)
    buttons = with_buttons(feishu_card(message(page, "en", "")), page, "en")["elements"][-1]["actions"]
    pressed = {"operator": {"open_id": "ou_1"}, "action": {"value": buttons[index]["value"]}}
    body = feishu_event("card.action.trigger", pressed)

    assert await post.send("feishu", body, feishu(body, NOW)) == 200
    (command,) = post.given
    assert (command.kind, command.brand, command.target, command.by) == (kind, BRAND, INCIDENT, "ou_1 (feishu)")
    assert json.loads(post.said) == {"toast": {"type": "info", "content": f"{kind} {BRAND}: given"}}


@pytest.mark.parametrize("action", ["resolve", "acknowledge"])
def test_a_feishu_card_of_what_cannot_be_answered_has_no_buttons(action: str):
    page = made(1, action)
    card = feishu_card(message(page, "en", ""))

    assert with_buttons(card, page, "en") == card


async def test_who_types_wrongly_to_feishu_gives_no_order_and_is_not_asked_to_send_it_again(post: Post):
    message = {"message_type": "text", "content": '{"text": "@_user_1 hello"}'}
    body = feishu_event("im.message.receive_v1", {"sender": {"sender_type": "user"}, "message": message})

    assert await post.send("feishu", body, feishu(body, NOW)) == 200
    assert post.given == []


@pytest.mark.parametrize(
    "event",
    [{}, [], "", {"action": {"value": "tocsin_ack"}}, {"action": {"value": {"order": "tocsin_note", "incident": "i"}}},
     {"message": {"message_type": "text", "content": "{"}, "sender": {"sender_type": "user"}},
     {"message": {"message_type": "text", "content": '{"text": "ack acme"}'}, "sender": {"sender_type": "app"}}],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["card.action.trigger", "im.message.receive_v1", "contact.user.updated_v3"])
async def test_what_feishu_says_besides_is_no_order(post: Post, kind: str, event: object):
    body = feishu_event(kind, event)

    assert await post.send("feishu", body, feishu(body, NOW)) == 200
    assert post.given == []


async def test_wecom_hears_what_it_tries_an_address_with(post: Post):
    sealed = wecom_sealed(b"1616140317555161061")
    query = {**wecom_signed(sealed, NOW), "?echostr": sealed.decode()}

    assert await post.send("wecom", b"", query, "GET") == 200
    assert post.said == "1616140317555161061"
    assert await post.send("wecom", b"", {**query, "?echostr": sealed.decode()[:-4] + "AAA="}, "GET") == 401


async def test_a_button_of_a_wecom_card_answers_its_incident_once_for_each_who_presses(post: Post):
    page = made(1, incident=INCIDENT)
    card = wecom_card(message(page, "en", ""), page, "en")
    assert card
    key, task = card["button_list"][1]["key"], card["task_id"]
    fields = {"MsgType": "event", "Event": "template_card_event", "EventKey": key, "TaskId": task}
    for number in range(2):
        body = wecom_body(wecom_xml(**fields, CreateTime=str(NOW + number)))

        assert await post.send("wecom", body, wecom(body, NOW)) == 200
    (command,) = post.given
    assert (command.kind, command.brand, command.target, command.by) == ("resolve", BRAND, INCIDENT, "AnLi (wecom)")


async def test_wecom_is_answered_with_nothing_for_it_would_take_anything_else_for_a_message(post: Post):
    assert await post.genuine("wecom") == 200
    assert post.said == ""


@pytest.mark.parametrize(
    "plain",
    [b"", b"<xml>", b"\xff", b"[" * 999, BOMB, wecom_xml(MsgType="image"),
     wecom_xml(MsgType="text", Content=f"ack {BRAND}"),
     wecom_xml(MsgType="text", Content="hello", MsgId="1"),
     wecom_xml(MsgType="event", Event="template_card_event", EventKey="tocsin_note", TaskId=INCIDENT),
     wecom_xml(MsgType="event", Event="click", EventKey="tocsin_ack", TaskId=INCIDENT)],
)  # fmt: skip
async def test_what_wecom_says_besides_is_no_order(post: Post, plain: bytes):
    body = wecom_body(plain)

    assert await post.send("wecom", body, wecom(body, NOW)) == 200
    assert post.given == []


async def test_a_message_to_another_company_is_refused(post: Post):
    plain = wecom_xml(MsgType="text", Content=f"ack {BRAND}", MsgId="1")
    body = wecom_body(plain, "wwanother")

    assert await post.send("wecom", body, wecom(body, NOW)) == 400
    assert post.given == []


@pytest.mark.parametrize("length", [b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b""])
async def test_the_length_inside_a_message_is_not_believed_beyond_its_end(post: Post, length: bytes):
    key = b64decode(f"{WECOM_KEY}=")
    sealed = b64encode(encrypted(key, key[:16], b"r" * 16 + length + b"<xml/>", 32))
    body = b"<xml><Encrypt><![CDATA[" + sealed + b"]]></Encrypt></xml>"

    assert await post.send("wecom", body, wecom(body, NOW)) == 400
    assert post.given == []


def test_a_secret_of_another_form_is_refused_with_the_form_and_not_repeated():
    given = "ww0123456789abcdef:aTokenOfATest"
    with pytest.raises(ValueError, match="TOCSIN_WECOM_CALLBACK_SECRET: write CORPID:TOKEN:ENCODINGAESKEY") as caught:
        CallbackServer(
            {"wecom_callback_secret": given}, read_watchlist(WATCHLIST), lambda _: None, lambda _: None, lambda: NOW
        )  # type: ignore[arg-type,return-value]  # never called

    assert given not in str(caught.value)
