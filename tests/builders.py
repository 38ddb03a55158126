"""Small posts, records, bundles, watch lists and labels, and a reader of keywords, for the tests of the stages."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pipeline.hearing import Ear
from pipeline.listen import Listen, Partitions
from pipeline.replay import LogRecord
from pipeline.ruling import KEYS, change_record
from pipeline.stage import Output
from pipeline.text.training.examples import Example
from pipeline.text.understanding import Understood
from pipeline.watchlist import Brand, Rules, WatchList
from schemas.author import Author
from schemas.brand_log import Bundle, Counts, Partial, Progress
from schemas.codec import encode
from schemas.post import SocialPost
from schemas.rules_change import RulesChange
from schemas.signal import Signal
from schemas.topics import BRAND_LOG
from schemas.vocabulary import PostOp, RulesScope
from schemas.withdrawal import KEY

START = 1_700_000_100_000  # a full five minutes
MINUTE = 60_000
LATER = START + 10 * 365 * 86_400_000  # append time of logs that are read long after they happened

SIGNAL = Signal(
    post_uid="1", revision=0, event_time=START, platform="x", channel="microblog", kind="post", author_key="a",
    brands=("acme", "bolt"), products=(), regions=(), campaigns=(), lang="en", sentiment="neg", polarity=-0.5,
    complaint_p=0.9, category="other", severity=1, intent="none", reach=3, text="acme", url="", source_partition=0,
    source_offset=0,
)  # fmt: skip


class Keywords:
    """Understands "bad" (a complaint), "burns" (a dangerous one), "meh" (negative, no complaint) and "good"."""

    def understand(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column but ``why``."""
        return self.explain(texts)._replace(why=[()] * len(texts))

    def explain(self, texts: Sequence[str]) -> Understood:
        """One element per text in every column."""
        columns = Understood(*([] for _ in Understood._fields))
        for text in texts:
            burns = "burns" in text
            complaint = burns or "bad" in text
            negative, positive = complaint or "meh" in text, "good" in text
            columns.lang.append("en")
            columns.sentiment.append("neg" if negative else "pos" if positive else "neu")
            columns.polarity.append(-0.9 if burns else -0.5 if negative else 0.5 if positive else 0.0)
            columns.complaint_p.append(0.9 if complaint else 0.1)
            columns.category.append("safety" if burns else "product_quality" if complaint else "other")
            columns.severity.append(3 if burns else 1 if complaint else 0)
            columns.intent.append("none")
            columns.intensity.append(0.9 if burns else 0.5 if complaint else -0.5)
            columns.why.append(tuple(word for word in ("burns", "bad", "meh", "good") if word in text))
        return columns


def watchlist(**rules: float) -> WatchList:
    """Two brands, "acme" and "bolt", under the default rules but for those given."""
    brands = tuple(Brand(id=name, name=name.title(), aliases=(name,)) for name in ("acme", "bolt"))
    return WatchList(brands=brands, rules=msgspec.convert(rules, Rules))


def ear() -> Ear:
    """Hears the brands of ``watchlist`` and the keywords."""
    return Ear(watchlist(), Keywords())


ALONE = Partitions(1, 1)


def listen(partitions: Partitions = ALONE, source: int = 0, **rules: float) -> Listen:
    """A fresh listen stage."""
    return Listen(source, partitions, watchlist(**rules).rules, ear())


def post(uid: str, at: int, text: str = "acme", author: str = "", op: PostOp = "create", reach: int = 0) -> SocialPost:
    """A post on X; ``at`` is ms since ``START``, the author a new one where none is given."""
    known = Author(author_key=author or f"author of {uid}", followers=reach)
    return SocialPost(
        post_uid=uid, platform="x", channel="microblog", event_time=START + at, text=text, author=known, op=op
    )


def record(offset: int, value: msgspec.Struct | bytes | None, arrived: int = LATER) -> LogRecord:
    """A record of a log, appended at ``arrived``, ms since 1970."""
    sent = encode(value) if isinstance(value, msgspec.Struct) else value
    return LogRecord(offset, arrived, KEYS[value.scope] if isinstance(value, RulesChange) else b"key", sent)


def records(values: Iterable[msgspec.Struct | bytes | None], arrived: int = LATER) -> list[LogRecord]:
    """A log from offset 0 on."""
    return [record(offset, value, arrived) for offset, value in enumerate(values)]


def bundle(
    source: int,
    offset: int,
    watermark: int,
    posts: Mapping[tuple[str, int], Counts] | None = None,
    *,
    sources: int = 1,
    previous: int = -1,
) -> Bundle:
    """What ``source`` says: ``posts`` by brand and minute; times are ms since ``START``."""
    partials = [Partial(brand=brand, minute=START + at, counts=counts) for (brand, at), counts in (posts or {}).items()]
    told = Progress(source=source, sources=sources, offset=offset, watermark=START + watermark)
    return Bundle(bucket_ms=MINUTE, previous=previous, progress=told, partials=tuple(partials))


def bundles(outputs: Iterable[Output]) -> list[Bundle]:
    """The bundles among outputs, decoded."""
    decode = msgspec.json.Decoder(Bundle).decode
    told = (output for output in outputs if output.topic == BRAND_LOG.name and output.key != KEY)
    return [decode(output.value or b"") for output in told]


def rules_change(watchlist: WatchList | None, scope: RulesScope = "pages") -> RulesChange:
    """The record that puts a watch list in force, or ends the shadow."""
    draft = RulesChange(change_id="c", scope=scope, digest="", watchlist=None, at=START, by="somebody")
    return change_record(watchlist, draft)


def example(**labels: object) -> Example:
    """A labelled post: by default a complaint about service, severity 2."""
    given = {
        "id": "a", "lang": "en", "text": "a", "sentiment": "neg", "complaint": 1, "category": "service", "severity": 2,
        "intent": "none", "phenomenon": "plain",
    }  # fmt: skip
    return Example(**(given | labels))
