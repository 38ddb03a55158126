"""WeChat official accounts and WeCom: what users send and do, pushed as XML (or as the same fields in JSON).

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html. A sender is known
by the OpenID that he has with this account. Encrypted pushes are opened by the collector, which has the key.
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named_or_hashed, required
from pipeline.channels._fields import BODY, Fields
from pipeline.channels._texts import body
from pipeline.channels._times import CHINA
from pipeline.channels._x import position
from pipeline.channels._xml import parsed
from schemas.interaction import Interaction
from schemas.post import SocialPost
from schemas.post_parts import Geo, Link, Media, Source
from schemas.vocabulary import InteractionType, MediaKind, TimeBasis

_TEXT = {"text": "Content", "voice": "Recognition", "location": "Label", "link": "Description"}
_MEDIA: dict[str, MediaKind] = {
    "image": "image", "voice": "audio", "video": "video", "shortvideo": "video", "file": "file",
}  # fmt: skip
_EVENTS: dict[str, InteractionType] = {
    "subscribe": "follow", "unsubscribe": "follow", "click": "click", "view": "click", "view_miniprogram": "click",
    "user_get_card": "save", "user_pay_from_pay_cell": "purchase",
}  # fmt: skip


def of_text(document: str, receipt: Receipt) -> Iterable[Adapted]:
    """The message or event of an XML document."""
    name, content = parsed(document)
    if name != "xml":
        raise Unusable("other_format", f"the document is <{name[:40]}>, not <xml>")
    return adapt(Fields(content), receipt)


def adapt(push: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """A message is a post that only the account sees, an event an interaction with the account."""
    if "Encrypt" in push and "MsgType" not in push:
        raise Unusable("other_format", "Encrypt: the collector must decrypt the push before")
    kind = required(push.look("MsgType"), push, "MsgType")
    sender = push.id("FromUserName")
    if kind == "event":  # some of WeCom are of nobody, such as that customers have written to a service
        return [_event(push, sender, receipt)]
    return [_message(push, kind, required(sender, push, "FromUserName"), receipt)]


def _moment(push: Fields, receipt: Receipt) -> tuple[int, TimeBasis]:
    at = push.time("CreateTime", CHINA)
    return (at, "source") if at is not None else (receipt.received_at, "collected")


def _source(push: Fields, receipt: Receipt) -> Source:
    return Source(collector=receipt.collector, account_id=push.id("ToUserName"))


def _message(push: Fields, kind: str, sender: str, receipt: Receipt) -> SocialPost:
    if kind == "text" and type(push.get("Content")) is not str:
        required(None, push, "Content")
    native_id = push.ref("MsgId")
    uid = named_or_hashed("wechat", native_id, push)
    push.id("MsgId")
    event_time, basis = _moment(push, receipt)
    return SocialPost(
        post_uid=uid, native_id=native_id, platform="wechat", channel="messaging", kind="message",
        source=_source(push, receipt), author=receipt.author("wechat", sender), title=push.text("Title"),
        media=_media(push, kind), links=(Link(url=url),) if (url := push.url("Url")) else (), geo=_geo(push),
        visibility="direct", event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at,
        **_text(push, kind), extra=push.rest(),
    )  # fmt: skip


def _text(push: Fields, kind: str) -> dict[str, Any]:
    """What was written; of a voice message what WeChat understood, of a place its name."""
    field = _TEXT.get(kind, "Content")
    raw = push.text(field, BODY) or ""
    text = body(raw)
    return {"text": text, "text_raw": raw if raw != text else None, "text_truncated": bool(raw) and field in push}


def _media(push: Fields, kind: str) -> tuple[Media, ...]:
    if kind not in _MEDIA:
        return ()
    return (Media(type=_MEDIA[kind], url=push.url("PicUrl"), mime=push.text("Format")),)


def _geo(push: Fields) -> Geo | None:
    """A place that was sent (Location_X is the latitude), or where the phone reports to be."""
    for lat, lon in (("Location_X", "Location_Y"), ("Latitude", "Longitude")):
        if place := position([push.number(lat), push.number(lon)], first="lat"):
            accuracy = push.number("Precision")
            return Geo(lat=place[0], lon=place[1], basis="gps", place_name=push.text("Poiname"),
                       accuracy_m=accuracy if accuracy is not None and accuracy >= 0 else None)  # fmt: skip
    return None


def _event(push: Fields, sender: str | None, receipt: Receipt) -> Interaction:
    name = required(push.look("Event"), push, "Event")
    event_time, basis = _moment(push, receipt)
    account = push.look("ToUserName")
    return Interaction(
        op="delete" if name.lower() == "unsubscribe" else "create",
        interaction_uid=named_or_hashed("wechat", None, push),
        type=_EVENTS.get(name.lower(), "other"), reaction=push.text("Event"), platform="wechat", channel="messaging",
        source=_source(push, receipt), actor=receipt.author("wechat", sender) if sender else None,
        target_author_key=receipt.author_key("wechat", account) if account else None, target_kind="account",
        event_time=event_time, event_time_basis=basis, collected_at=receipt.received_at, extra=push.rest(),
    )  # fmt: skip


ADAPTER = Adapter(of_object=adapt, of_text=of_text)
