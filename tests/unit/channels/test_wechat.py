"""Pushes of WeChat: messages are posts that only the account sees, events interactions."""

import pytest

from tests.adapted import RECEIVED, record


def push(**fields: object):
    known = {"ToUserName": "gh_brand", "FromUserName": "openid-1", "CreateTime": 1_714_550_400} | fields
    return "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in known.items()) + "</xml>"


def test_a_text():
    post = record("wechat", push(MsgType="text", Content="漏水", MsgId=1_234_567_890_123_456))
    assert (post.post_uid, post.text, post.event_time) == ("wechat:1234567890123456", "漏水", 1_714_550_400_000)
    assert (post.author.native_id, post.source.account_id, post.visibility) == ("openid-1", "gh_brand", "direct")


@pytest.mark.parametrize(
    ("fields", "text", "kind"),
    [
        ({"MsgType": "image", "PicUrl": "https://i/1.jpg"}, "", "image"),
        ({"MsgType": "voice", "Recognition": "漏水", "Format": "amr"}, "漏水", "audio"),
        ({"MsgType": "video", "ThumbMediaId": "t"}, "", "video"),
        ({"MsgType": "shortvideo", "ThumbMediaId": "t"}, "", "video"),
        ({"MsgType": "link", "Title": "t", "Description": "漏水", "Url": "https://x/"}, "漏水", None),
        ({"MsgType": "location", "Location_X": "23.1", "Location_Y": "113.3", "Label": "门店"}, "门店", None),
        ({"MsgType": "something_new", "Content": "漏水"}, "漏水", None),
    ],
)
def test_messages(fields, text, kind):
    post = record("wechat", push(MsgId=1, **fields))
    assert (post.text, [one.type for one in post.media]) == (text, [kind] if kind else [])


def test_a_place_is_latitude_first():
    geo = record("wechat", push(MsgType="location", Location_X="23.1", Location_Y="113.3", MsgId=1)).geo
    assert (geo.lat, geo.lon) == (23.1, 113.3)


@pytest.mark.parametrize(
    ("event", "kind", "op"),
    [("subscribe", "follow", "create"), ("unsubscribe", "follow", "delete"), ("CLICK", "click", "create"),
     ("VIEW", "click", "create"), ("SCAN", "other", "create"), ("something_new", "other", "create")],
)  # fmt: skip
def test_events(event, kind, op):
    act = record("wechat", push(MsgType="event", Event=event))
    assert (act.type, act.op, act.reaction, act.target_kind) == (kind, op, event, "account")


def test_no_identifier_of_an_event_tells_who_acted():
    act = record("wechat", push(MsgType="event", Event="subscribe"))
    assert "openid-1" not in act.interaction_uid + act.actor.author_key
    assert act == record("wechat", push(MsgType="event", Event="subscribe"))


def test_a_time_before_there_was_wechat_is_none():
    post = record("wechat", push(MsgType="text", Content="x", MsgId=1, CreateTime=123_456_789))
    assert (post.event_time, post.event_time_basis) == (RECEIVED, "collected")


@pytest.mark.parametrize(
    ("document", "reason", "named"),
    [
        ("<xml><Encrypt>x</Encrypt></xml>", "other_format", "Encrypt"),
        ("<xml><FromUserName>o</FromUserName></xml>", "missing_field", "MsgType"),
        ("<xml><MsgType>text</MsgType><Content>x</Content></xml>", "missing_field", "FromUserName"),
        (push(MsgType="event"), "missing_field", "Event"),
        (push(MsgType="text", MsgId=1), "missing_field", "Content"),
        ("<rss/>", "other_format", "rss"),
        ("<xml>", "invalid_xml", "well-formed"),
        (
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><xml><Content>&e;</Content></xml>",
            "invalid_xml",
            "entities",
        ),
    ],
)
def test_unusable_pushes(document, reason, named):
    verdict = record("wechat", document)
    assert (verdict.reason, named in verdict.detail) == (reason, True)


def test_the_same_push_as_json():
    post = record(
        "wechat", {"FromUserName": "o", "CreateTime": 1_714_550_400, "MsgType": "text", "Content": "x", "MsgId": 5}
    )
    assert post.post_uid == "wechat:5"
