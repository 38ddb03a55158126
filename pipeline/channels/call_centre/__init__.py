"""Call centre: transcripts of calls and chats as JSON, whose systems agree on little but turns of a speaker.

The text of the post is what the customer said, because the words of the agent are no complaint; all turns stay in
``extra``. The number of a caller is the native id or the handle of the author, which only restricted tables hold.
"""

from collections.abc import Iterable

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named_or_hashed
from pipeline.channels._fields import BODY, Fields
from pipeline.channels._texts import body
from pipeline.channels.call_centre.turns import customers_words
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Container, Media, Rating

_ID = (
    "callid", "contactid", "conversationid", "transcriptid", "interactionid", "sessionid", "callsid", "sid", "id",
    "uuid", "通话id",
)  # fmt: skip
_STARTED = (
    "startedat", "starttime", "callstart", "callstarttime", "conversationstart", "begintime", "calltime",
    "starttimestamp", "initiationtimestamp", "createdat", "datecreated", "timestamp", "datetime", "date", "time",
    "开始时间", "通话时间",
)  # fmt: skip
_AROUND = ("metadata", "call", "contact", "customermetadata", "conversation", "calldetails")
_CUSTOMER = ("customer", "caller", "client", "contact", "user", "customerprofile", "from", "客户")
_CUSTOMER_ID = ("customerid", "clientid", "userid", "crmid", "externalid", "客户id")
_NUMBER = (
    "phone", "phonenumber", "customerphone", "customernumber", "callerid", "callernumber", "caller", "ani", "msisdn",
    "mobile", "from", "fromnumber", "电话", "手机号", "来电号码",
)  # fmt: skip
_TICKET = ("ticketid", "caseid", "ticket", "case", "工单号")
_STARS = ("csat", "csatscore", "rating", "satisfaction", "满意度", "评分")
_MOST_STARS = 5.0
_NPS = ("nps", "npsscore")
_MOST_NPS = 10.0
_SCALE = (("min", "from"), ("max", "outof", "scale", "to"))
_RECORDING = ("recordingurl", "recording", "audiourl", "录音")


def adapt(call: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The transcript as one post that nobody but the brand may see."""
    around = call.inside(call.called(_AROUND))
    spoken = customers_words(call)
    if not spoken:
        raise Unusable("missing_field", "no turns, segments, transcript or text with words of a customer")
    native_id = _first(_ID, call, around)
    uid = named_or_hashed("call_centre", native_id, call)
    at = next((at for one in (call, around) if (at := one.time(one.called(_STARTED))) is not None), None)
    ticket = _first(_TICKET, call, around)
    text = body(spoken)
    return [SocialPost(
        post_uid=uid, native_id=native_id, platform="call_centre", channel="call", kind="transcript",
        author=_author(call, around, receipt), title=call.text(call.called(("subject", "topic", "主题"))),
        text=text, text_truncated=len(spoken) > BODY,
        lang=call.text(call.called(("language", "lang", "languagecode", "locale"))),
        container=Container(kind="ticket", id=ticket) if ticket else None,
        rating=_rating(call) or _rating(around), media=_recording(call), visibility="private",
        event_time=at or receipt.received_at, event_time_basis="source" if at else "collected",
        collected_at=receipt.received_at, extra=call.rest(),
    )]  # fmt: skip


def _first(names: Iterable[str], *holders: Fields) -> str | None:
    """The first identifier that one of the objects has; it stays."""
    return next((found for one in holders if (found := one.ref(one.called(names)))), None)


def _author(call: Fields, around: Fields, receipt: Receipt) -> Author | None:
    """The customer, by the id that the brand gives, else by number; both go from where they were."""
    field = call.called(_CUSTOMER)
    customer = call.inside(field)
    holders = (customer, call, around)
    native_id = customer.id(customer.called(("id", *_CUSTOMER_ID))) or next(
        (found for one in (call, around) if (found := one.id(one.called(_CUSTOMER_ID)))), None
    )
    number = next((found for one in holders if (found := one.id(one.called(_NUMBER)))), None)
    known = native_id or number or customer.id(customer.called(("email", "邮箱"))) or call.id(field)
    if known is None:
        return None
    name = customer.text(customer.called(("name", "displayname", "fullname", "姓名")))
    handle = number if native_id else None
    return receipt.author("call_centre", known, handle=handle, display_name=name, type="person")


def _recording(call: Fields) -> tuple[Media, ...]:
    link = call.url(call.called(_RECORDING))
    return (Media(type="audio", url=link),) if link else ()


def _rating(call: Fields) -> Rating | None:
    """Stars, or how likely the customer is to recommend the brand."""
    stars, nps = call.called(_STARS), call.called(_NPS)
    return _on_scale(call, stars, 1.0, _MOST_STARS) or _on_scale(call, nps, 0.0, _MOST_NPS)


def _on_scale(call: Fields, field: str, least: float, most: float) -> Rating | None:
    """A number between ``least`` and ``most``, or one on a scale that is told with it."""
    told = call.inside(field)
    value = call.number(field)
    if value is None:
        value = told.number(told.called(("value", "score", "rating", "stars")))
        lowest, highest = (told.number(told.called(names)) for names in _SCALE)
        least = least if lowest is None else lowest
        most = most if highest is None else highest
    return Rating(value=value, min=least, max=most) if value is not None and least <= value <= most else None


ADAPTER = Adapter(of_object=adapt)
