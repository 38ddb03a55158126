"""What X pushes to the owner of an account: posts that name it, likes, follows, direct messages, deletes.

https://developer.x.com/en/docs/x-api/enterprise/account-activity-api. A push holds lists of events; the accounts of
direct messages stand beside them by id.
"""

from collections.abc import Callable

from pipeline.channels import _x
from pipeline.channels._base import Adapted, Receipt, Unusable, named, page, required
from pipeline.channels._fields import Fields
from pipeline.channels.x_v1.status import author, post
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.vocabulary import InteractionType

_Reader = Callable[[Fields, Fields, Receipt], Adapted]  # of an event, the accounts beside it
_RELATIONS: dict[str | None, InteractionType] = {"follow": "follow", "block": "block", "mute": "mute"}


def activities(push: Fields, receipt: Receipt) -> list[Adapted]:
    """The records of all events of a push.

    Raises:
        Unusable: it holds none of which a bell need know.
    """
    accounts = push.inside("users")
    found: list[Adapted] = []
    for name, read in _READERS.items():
        if name in push:
            found += page(push.take(name), _each(read, accounts, receipt))
    if not found:
        raise Unusable("irrelevant", f"none of {', '.join(_READERS)}")
    return found


def _each(read: _Reader, accounts: Fields, receipt: Receipt) -> Callable[[Fields], list[Adapted]]:
    return lambda event: [read(event, accounts, receipt)]


def _post(status: Fields, _: Fields, receipt: Receipt) -> Adapted:
    return post(status, receipt)


def _moment(event: Fields, receipt: Receipt) -> int:
    told = (event.time(name) for name in ("timestamp_ms", "created_timestamp", "created_at"))
    return next((at for at in told if at is not None), receipt.received_at)


def _like(event: Fields, _: Fields, receipt: Receipt) -> Adapted:
    liked = event.inside("favorited_status")
    target, owner = liked.ref("id_str") or liked.ref("id"), liked.inside("user")
    return Interaction(
        interaction_uid=named("x:favorite", required(event.ref("id"), event, "id")), type="like", platform="x",
        channel="microblog", actor=author(event.inside("user"), receipt), target_uid=_x.uid(target),
        target_author_key=_x.key(owner.ref("id_str") or owner.ref("id"), receipt), event_time=_moment(event, receipt),
        collected_at=receipt.received_at, extra=event.rest(),
    )  # fmt: skip


def _relation(event: Fields, _: Fields, receipt: Receipt) -> Adapted:
    """A follow, block or mute, or the end of one, by the uid that it had: who did it to whom."""
    told = required(event.look("type"), event, "type")
    kind = _RELATIONS.get(told.removeprefix("un"))
    if kind is None:
        raise Unusable("unknown_word", f"type {told[:40]!r} is neither follow, block nor mute")
    source, target = event.inside("source"), event.inside("target")
    actor, whom = required(source.ref("id"), source, "source.id"), required(target.ref("id"), target, "target.id")
    return Interaction(
        op="delete" if told.startswith("un") else "create", interaction_uid=named(f"x:{kind}", f"{actor}:{whom}"),
        type=kind, platform="x", channel="microblog", actor=author(source, receipt),
        target_author_key=_x.key(whom, receipt), target_kind="account", event_time=_moment(event, receipt),
        revision=_moment(event, receipt), collected_at=receipt.received_at, extra=event.rest(),
    )  # fmt: skip


def _delete(event: Fields, _: Fields, receipt: Receipt) -> Adapted:
    status = event.inside("status")
    return Tombstone(
        subject=f"post:x:{required(status.ref('id'), status, 'status.id')}", op="delete_post", reason="platform",
        platform="x", effective_at=_moment(event, receipt), collected_at=receipt.received_at, extra=event.rest(),
    )  # fmt: skip


def _message(event: Fields, accounts: Fields, receipt: Receipt) -> Adapted:
    """A direct message, which only its two accounts may see."""
    native_id, told = required(event.id("id"), event, "id"), event.inside("message_create")
    data, sender = told.inside("message_data"), required(told.ref("sender_id"), told, "message_create.sender_id")
    required(data.look("text"), data, "text")
    account = Fields({**accounts.inside(sender).copy().take_all(), "id": sender})
    return SocialPost(
        post_uid=f"x:{native_id}", native_id=native_id, platform="x", channel="messaging", kind="message",
        author=author(account, receipt), visibility="direct",
        event_time=_moment(event, receipt), collected_at=receipt.received_at, **_x.text_fields(data, "text"),
        **_x.old_entities(data.inside("entities"), Fields({}), receipt), extra=event.rest(),
    )  # fmt: skip


_READERS: dict[str, _Reader] = {
    "tweet_create_events": _post, "favorite_events": _like, "follow_events": _relation, "block_events": _relation,
    "mute_events": _relation, "tweet_delete_events": _delete, "direct_message_events": _message,
}  # fmt: skip
