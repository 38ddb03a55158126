"""Call centre: transcripts of calls and chats as JSON, whose systems agree on little but turns of a speaker.

The text of the post is what the customer said, because the words of the agent are not a complaint; all turns stay in
``extra``. Turns whose speaker is not named are taken for the customer's.
"""

from collections.abc import Iterable
from typing import Any

from pipeline.channels._base import Adapted, Adapter, Receipt, Unusable, named_or_hashed
from pipeline.channels._fields import BODY, Fields
from pipeline.channels._texts import body
from schemas.author import Author
from schemas.post import SocialPost
from schemas.post_parts import Container, Media, Rating
from schemas.vocabulary import AuthorKind

_ID = ("callid", "contactid", "conversationid", "transcriptid", "interactionid", "sessionid", "id", "uuid", "通话id")
_STARTED = (
    "startedat", "starttime", "callstart", "begintime", "calltime", "starttimestamp", "initiationtimestamp",
    "createdat", "timestamp", "datetime", "date", "time", "开始时间", "通话时间",
)  # fmt: skip
_TURNS = ("turns", "segments", "utterances", "transcript", "messages", "dialogue", "dialog", "entries", "conversation",
          "对话")  # fmt: skip
_WORDS = ("text", "content", "transcript", "utterance", "message", "body", "内容")
_SPEAKER = ("speaker", "role", "participant", "participantrole", "participantid", "channel", "party", "from", "说话人")
_AGENT = ("agent", "operator", "rep", "advisor", "bot", "system", "ivr", "assistant", "坐席", "客服", "员工")
_CUSTOMER = ("customer", "caller", "client", "contact", "user", "customerprofile", "客户")
_CUSTOMER_ID = ("customerid", "callerid", "clientid", "userid", "customerphone", "phone", "phonenumber", "ani",
                "callernumber", "客户id", "电话")  # fmt: skip
_TICKET = ("ticketid", "caseid", "ticket", "case", "工单号")
_RATING = ("csat", "rating", "satisfaction", "满意度")
_RECORDING = ("recordingurl", "recording", "audiourl")
_STARS = 5


def adapt(call: Fields, receipt: Receipt) -> Iterable[Adapted]:
    """The transcript as one post that nobody but the brand may see."""
    metadata = call.inside(call.called(("metadata", "call", "customermetadata", "contact")))
    spoken = _spoken(call)
    if not spoken:
        raise Unusable("missing_field", "no turns, segments, transcript or text with words of a customer")
    native_id = _first(_ID, call, metadata)
    at = next((at for one in (call, metadata) if (at := one.time(one.called(_STARTED))) is not None), None)
    ticket = _first(_TICKET, call, metadata)
    text = body(spoken)
    recording = call.called(_RECORDING)
    return [SocialPost(
        post_uid=named_or_hashed("call_centre", native_id, call), native_id=native_id, platform="call_centre",
        channel="call", kind="transcript", author=_author(call, metadata, receipt),
        title=call.text(call.called(("subject", "topic"))),
        text=text, text_truncated=len(spoken) > len(text) and len(text) == BODY,
        lang=call.text(call.called(("language", "lang", "languagecode", "locale"))),
        container=Container(kind="ticket", id=ticket) if ticket else None, rating=_rating(call),
        media=(Media(type="audio", url=link),) if (link := call.url(recording)) else (), visibility="private",
        event_time=at or receipt.received_at, event_time_basis="source" if at else "collected",
        collected_at=receipt.received_at, extra=call.rest(),
    )]  # fmt: skip


def _first(names: Iterable[str], *holders: Fields) -> str | None:
    """The first identifier that one of the objects has; it stays."""
    return next((found for one in holders if (found := one.ref(one.called(names)))), None)


def _spoken(call: Fields) -> str:
    """What the customer said, a line a turn; everything if nobody else spoke."""
    field = call.called((*_TURNS, *_WORDS))
    told = call.get(field)
    if type(told) is str:
        return told.strip()
    holder = call if type(told) is list else call.inside(field)
    turns = holder.each(field if holder is call else holder.called(_TURNS))
    roles = _roles(call)
    said = [(_speaker(turn, roles), (turn.look(turn.called(_WORDS)) or "").strip()) for turn in turns]
    said += [("", one.strip()) for one in call.strings(field)]
    lines = [words for speaker, words in said if words and not any(name in speaker for name in _AGENT)]
    return "\n".join(lines)


def _roles(call: Fields) -> dict[str, str]:
    """Roles by the id of a participant, where turns name only the id."""
    found = {}
    for one in call.each(call.called(("participants",))):
        native_id, role = (
            one.ref(one.called(("participantid", "id"))),
            one.look(one.called(("participantrole", "role"))),
        )
        if native_id and role:
            found[native_id] = role.lower()
    return found


def _speaker(turn: Fields, roles: dict[str, str]) -> str:
    field = turn.called(_SPEAKER)
    holder = turn.inside(field)
    said = turn.ref(field) or holder.ref(holder.called(("role", "type", "name"))) or ""
    return roles.get(said, said.lower())


def _author(call: Fields, metadata: Fields, receipt: Receipt) -> Author | None:
    field = call.called(_CUSTOMER)
    customer = call.inside(field)
    native_id: Any = _first(("id", *_CUSTOMER_ID, "email"), customer) or _first(_CUSTOMER_ID, call, metadata)
    native_id = native_id or call.ref(field)
    if not native_id:
        return None
    kind: AuthorKind = "person"
    return receipt.author("call_centre", native_id, display_name=customer.text("name"), type=kind)


def _rating(call: Fields) -> Rating | None:
    value = call.get(call.called(_RATING))
    if type(value) not in (int, float) or not 1 <= value <= _STARS:
        return None
    return Rating(value=float(value), min=1, max=_STARS)


ADAPTER = Adapter(of_object=adapt)
