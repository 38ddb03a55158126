"""The turns of a transcript, wherever its system keeps them, and which of them are the customer's."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.channels._fields import Fields, simple

_TURNS = (
    "turns", "segments", "utterances", "sentences", "phrases", "transcript", "transcripts", "transcription", "messages",
    "dialogue", "dialog", "dialogs", "entries", "conversation", "transcriptsegments", "recognizedphrases",
    "calltranscripts", "results", "对话", "对话内容", "history", "channels",
)  # fmt: skip
_OBJECTS = frozenset({"history", "channels"})  # elsewhere names of something else
_WORDS = ("text", "content", "transcript", "utterance", "message", "body", "msg", "display", "words", "内容", "文本")
_ALTERNATIVES = ("alternatives", "nbest")  # the best first
_SPEAKER = (
    "speaker", "speakerrole", "role", "speakerid", "segmentparticipant", "participantrole", "participantpurpose",
    "participant", "participantid", "party", "sendertype", "sender", "author", "from", "channel", "channelid",
    "mediachannel", "说话人", "角色",
)  # fmt: skip
_NAMED = ("role", "type", "name", "id")
_AGENT = (
    "agent", "operator", "representative", "advisor", "adviser", "internal", "employee", "staff", "bot", "system",
    "ivr", "assistant", "坐席", "座席", "客服", "员工", "机器人", "系统",
)  # fmt: skip
_AGENTS = ("agent", "operator", "representative", "advisor", "坐席", "客服")
_AGENT_NAMES = ("id", "agentid", "name", "displayname", "email")
_LINE = re.compile(r"\s*(?:\[[^\]\n]{1,20}\]\s*)?([^\s:：][^:：\n]{0,40})[:：][ \t]*(.*)")
_DEEPEST = 4


class Turn(NamedTuple):
    """What one speaker said at a stretch; the speaker in lower case, "" if not named."""

    speaker: str
    words: str


def customers_words(call: Fields) -> str:
    """What the customer said, a line a turn. Turns whose speaker is not named are taken for the customer's."""
    agents = _agents(call)
    return "\n".join(turn.words for turn in _turns(call) if not _by_agent(turn.speaker, agents))


def _by_agent(speaker: str, agents: frozenset[str]) -> bool:
    return speaker in agents or any(name in speaker for name in _AGENT) or speaker == "rep"


def _turns(call: Fields) -> list[Turn]:
    roles = _roles(call)
    found = [Turn(roles.get(turn.speaker, turn.speaker), turn.words) for turn in _found(call, _DEEPEST)]
    return [turn for turn in found if turn.words]


def _found(holder: Fields, deepest: int, speaker: str = "") -> Iterator[Turn]:
    """The turns of the first field that has any: a list of them, a text of lines, or an object that holds such.

    ``speaker`` is whose they are unless they say so.
    """
    field = holder.called(_TURNS) or holder.called(_WORDS)
    told = holder.get(field)
    if type(told) is str:
        yield from _lines(told, speaker)
    elif type(told) is dict and deepest:
        yield from _found(holder.inside(field), deepest - 1, speaker)
    elif type(told) is list:
        for one in told:
            if type(one) is str and simple(field) not in _OBJECTS:
                yield from _lines(one, speaker)
            elif type(one) is dict:
                yield from _turn(Fields(one), deepest, speaker)


def _turn(turn: Fields, deepest: int, outer: str) -> Iterator[Turn]:
    speaker = _speaker(turn) or outer
    words = _words(turn)
    if words is not None:
        yield Turn(speaker, words.strip())
    elif deepest:  # a list of stretches, which hold the turns
        yield from _found(turn, deepest - 1, speaker)


def _speaker(turn: Fields) -> str:
    field = turn.called(_SPEAKER)
    holder = turn.inside(field)
    return (turn.ref(field) or holder.ref(holder.called(_NAMED)) or "").strip().lower()


def _words(turn: Fields) -> str | None:
    """What was said; of several guesses of a machine the best."""
    best = next(iter(turn.each(turn.called(_ALTERNATIVES))), turn)
    return best.look(best.called(_WORDS))


def _lines(text: str, speaker: str) -> Iterator[Turn]:
    """The turns of a text: a line "Agent: ..." begins one, a line without a name goes on with it."""
    for line in text.splitlines():
        named = _LINE.fullmatch(line)
        if named:
            speaker = named[1].strip().lower()
        yield Turn(speaker, (named[2] if named else line).strip())


def _roles(call: Fields) -> Mapping[str, str]:
    """Roles by the id of a participant, where turns name only the id."""
    found = {}
    for one in call.each(call.called(("participants", "speakers"))):
        native_id = one.ref(one.called(("participantid", "id", "speaker", "name")))
        role = one.look(one.called(("participantrole", "role", "purpose", "type")))
        if native_id and role:
            found[native_id.strip().lower()] = role.strip().lower()
    return found


def _agents(call: Fields) -> frozenset[str]:
    """What turns may call the agent of this call: an id or a name."""
    field = call.called(_AGENTS)
    holder = call.inside(field)
    names = [call.ref(field), call.ref(call.called(("agentid",))), call.ref(call.called(("agentname",)))]
    names += [holder.ref(holder.called((name,))) for name in _AGENT_NAMES]
    return frozenset(name.strip().lower() for name in names if name)
