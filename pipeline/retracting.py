"""A post that withdraws itself (``op``), or is shown again, in the words in which tombstones are passed on."""

from pipeline.hearing import WITHDRAWING, Heard
from pipeline.stage import Output
from pipeline.withdrawn import SHOWN_AGAIN
from schemas.codec import encode
from schemas.topics import BRAND_LOG
from schemas.withdrawal import KEY, POST, Withdrawal


def retraction(heard: Heard, watermark: int) -> Withdrawal | None:
    """What a post says of itself that is no news but its end, or its return; ``watermark`` is its partition's, ms."""
    if heard.post is None or heard.post.op not in WITHDRAWING | SHOWN_AGAIN:
        return None
    back = heard.post.op in SHOWN_AGAIN
    return Withdrawal(subject=POST + heard.post.post_uid, back=back, watermark=watermark)


def passed_on(said: Withdrawal, targets: int) -> list[Output]:
    """The records for the brand log. A deletion need not name a brand, so all its partitions are told."""
    value = encode(said)
    return [Output(BRAND_LOG.name, target, KEY, value) for target in range(targets)]
