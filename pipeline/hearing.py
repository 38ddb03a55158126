"""From records of the posts log to understood posts: decode, match brands, understand texts. A batch at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.brands import BrandMatcher, Match
from pipeline.sketch import author_hash
from pipeline.stage import Input
from pipeline.text.fingerprint import fingerprints
from pipeline.text.safety import Safety
from pipeline.text.understanding import Reader, Understood
from pipeline.watchlist_entries import WatchList
from schemas.codec import Decoder, Malformed
from schemas.drill import DrillPost
from schemas.endorsement import Voice
from schemas.post import SocialPost, Tick
from schemas.signal import Signal
from schemas.withdrawal import Withdrawal

FUTURE_MS = 300_000  # a post dated later than this after its arrival has a broken clock
MAX_REACH = 1_000_000_000_000  # more followers than people is a lie, and sums must fit UInt64

_POSTS: Decoder[SocialPost] = Decoder(SocialPost)
_TICKS: Decoder[Tick] = Decoder(Tick)
_WITHDRAWALS: Decoder[Withdrawal] = Decoder(Withdrawal)
_VOICES: Decoder[Voice] = Decoder(Voice)
_DRILLS: Decoder[DrillPost] = Decoder(DrillPost)

WITHDRAWING = frozenset({"delete", "withhold", "drop"})  # what a post may say of itself
_SILENT = frozenset({"scrub_geo"})  # we keep no place of a post, so there is nothing to scrub


class Heard(NamedTuple):
    """One record: exactly one of the fields but ``signal`` is there, which is what is understood of a post or drill."""

    record: Input
    tick: Tick | None = None
    malformed: Malformed | None = None
    post: SocialPost | None = None
    signal: Signal | None = None
    withdrawal: Withdrawal | None = None
    voice: Voice | None = None
    drill: DrillPost | None = None


def decode(record: Input) -> SocialPost | Tick | Withdrawal | Voice | DrillPost | Malformed:
    """What a record is, or why it is nothing. A post from the future is malformed: it must not move time."""
    post = _POSTS.decode(record.value)
    if isinstance(post, Malformed):
        others = (decoder.decode(record.value) for decoder in (_TICKS, _VOICES, _WITHDRAWALS, _DRILLS))
        other = next((other for other in others if not isinstance(other, Malformed)), post)
        if not isinstance(other, DrillPost):
            return other
        return _ahead(other.post, record) or other
    return _ahead(post, record) or post


def _ahead(post: SocialPost, record: Input) -> Malformed | None:
    if post.event_time <= record.timestamp + FUTURE_MS:
        return None
    return Malformed("future_timestamp", f"event_time {post.event_time} is after its arrival {record.timestamp}")


def searchable(post: SocialPost) -> str:
    """All the text in which a brand may be named."""
    parts = [post.title or "", post.text, *post.hashtags, *post.brands]
    parts += [mention.handle or mention.name or "" for mention in post.mentions]
    if post.kind == "repost" and not post.text:
        parts += [ref.text for ref in post.ref_posts]
    return "\n".join(parts)


def readable(post: SocialPost) -> str:
    """The author's own words."""
    return f"{post.title}\n{post.text}" if post.title else post.text


def spread(post: SocialPost) -> str:
    """The text that a post spreads: of a repost that of the original, where the source tells it."""
    if post.repost_of_uid:
        for ref in post.ref_posts:
            if ref.text and ref.uid == post.repost_of_uid:
                return ref.text
    return readable(post)


def ours(heard: Heard) -> bool:
    """Whether a brand itself speaks, as the source says."""
    author = heard.post.author if heard.post else None
    return author is not None and author.type == "brand_owned"


class Ear:
    """Turns batches of records into what was heard. Stateless: any cut of a batch gives the same."""

    def __init__(self, watchlist: WatchList, reader: Reader) -> None:
        self._brands, self._reader = BrandMatcher(watchlist), reader
        self._safety = Safety(watchlist.overrides())
        self.rules = watchlist.digest()  # by which it hears

    def hear(self, partition: int, records: Sequence[Input]) -> list[Heard]:
        """One Heard for every record, in order."""
        decoded = [decode(record) for record in records]
        posts = [_written(item) for item in decoded if isinstance(item, SocialPost | DrillPost)]
        matches = self._brands.match([searchable(post) for post in posts])
        named = [(post, match) for post, match in zip(posts, matches, strict=True) if _matters(post, match)]
        texts = [readable(post) for post, _ in named]
        read = self._reader.understand(texts)
        understood = self._safety.raised(read, texts, [match.brands for _, match in named])
        marks = fingerprints([spread(post) for post, _ in named])
        verdicts, found, row = [], iter(matches), 0
        for record, item in zip(records, decoded, strict=True):
            if isinstance(item, Tick):
                verdicts.append(Heard(record, tick=item))
            elif isinstance(item, Voice):
                verdicts.append(Heard(record, voice=item))
            elif isinstance(item, Malformed):
                verdicts.append(Heard(record, malformed=item))
            elif isinstance(item, Withdrawal):
                verdicts.append(Heard(record, withdrawal=item))
            else:
                heard = Heard(record, drill=item) if isinstance(item, DrillPost) else Heard(record, post=item)
                post = _written(item)
                if _matters(post, match := next(found)):
                    signal = _signal(post, match, understood, row, marks[row], partition, record)
                    heard = heard._replace(signal=signal)
                    row += 1
                verdicts.append(heard)
        return verdicts


def _written(item: SocialPost | DrillPost) -> SocialPost:
    return item.post if isinstance(item, DrillPost) else item


def _matters(post: SocialPost, match: Match) -> bool:
    """Whether a row comes of it. A withdrawal need not repeat the text, so it matters whatever it names."""
    return post.op in WITHDRAWING or (bool(match.brands) and post.op not in _SILENT)


def _signal(
    post: SocialPost, match: Match, read: Understood, row: int, mark: int, partition: int, record: Input
) -> Signal:
    shown = post.op not in WITHDRAWING
    author = post.author
    return Signal(
        post_uid=post.post_uid,
        revision=post.revision,
        deleted=0 if shown else 1,
        event_time=post.event_time,
        platform=post.platform,
        channel=post.channel,
        kind=post.kind,
        author_key=author.author_key if author else "",
        brands=match.brands,
        products=match.products,
        regions=match.regions,
        campaigns=match.campaigns,
        lang=read.lang[row],
        sentiment=read.sentiment[row],
        polarity=read.polarity[row],
        complaint_p=read.complaint_p[row],
        category=read.category[row],
        severity=read.severity[row],
        intent=read.intent[row],
        reach=min((author.followers if author else None) or 0, MAX_REACH),
        text=post.text if shown else "",
        url=(post.url or "") if shown else "",
        source_partition=partition,
        source_offset=record.offset,
        fingerprint=mark or (author_hash(post.repost_of_uid) if post.repost_of_uid else 0),
        repost_of=post.repost_of_uid or "",
    )
