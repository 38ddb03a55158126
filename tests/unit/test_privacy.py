"""Nothing that names a person leaves the raw topics but by the restricted one."""

from pipeline.privacy import identities, public
from schemas.author import Author
from schemas.codec import encode
from schemas.interaction import Interaction, Tombstone
from schemas.post import SocialPost
from schemas.post_parts import Mention

NAMES = (b"4711", b"@canary", b"Ca Nary", b"canary.example")
WHO = Author(
    author_key="key", key_id="k1", native_id="4711", handle="@canary", display_name="Ca Nary",
    url="https://canary.example", followers=9, verified=True,
)  # fmt: skip
POST = SocialPost(
    post_uid="x:1", platform="x", channel="microblog", author=WHO, text="hello", event_time=10**12,
    text_raw="<b>hello</b>",
    mentions=(Mention(author_key="other", handle="@canary", name="Ca Nary"), Mention(handle="@canary")),
    extra={"user": {"screen_name": "@canary", "id": 4711}},
)  # fmt: skip
LIKE = Interaction(
    interaction_uid="x:2", type="like", platform="x", channel="microblog", actor=WHO, event_time=10**12,
    extra={"who": "@canary"},
)  # fmt: skip
GONE = Tombstone(subject="author:key", op="delete_author", effective_at=10**12, reason="platform", extra={"id": "4711"})


def test_what_is_told_to_everybody_names_nobody():
    told = b"".join(encode(public(one)) for one in (POST, LIKE, GONE))

    assert [name for name in NAMES if name in told] == []


def test_what_a_reader_needs_stays():
    post = public(POST)

    assert isinstance(post, SocialPost)
    assert (post.text, post.author.followers, post.author.verified) == ("hello", 9, True)
    assert [one.author_key for one in post.mentions] == ["other"]


def test_who_wrote_or_acted_is_told_apart():
    (wrote,), (acted,) = identities(POST, 7 * 10**11), identities(LIKE, 7 * 10**11)

    assert wrote == acted
    assert (wrote.author_key, wrote.native_id, wrote.handle, wrote.display_name) == (
        "key",
        "4711",
        "@canary",
        "Ca Nary",
    )


def test_of_a_pseudonym_alone_there_is_no_identity():
    nameless = SocialPost(
        post_uid="x:1", platform="x", channel="microblog", author=Author(author_key="key"), event_time=10**12
    )

    assert list(identities(nameless, 10**12)) == []
    assert list(identities(GONE, 10**12)) == []
