"""The posts of a drill: complaints that nobody made, in English and Chinese, each by an author who does not exist."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from pipeline.watchlist_entries import Brand
from schemas.author import Author
from schemas.drill import DrillPost
from schemas.post import SocialPost

Kind = Literal["safety", "complaints"]
KINDS: tuple[Kind, ...] = get_args(Kind)

TEXTS: Mapping[Kind, tuple[str, ...]] = MappingProxyType({
    "safety": (
        "My {brand} charger caught fire last night and burned my hand.",
        "{brand} 的充电器昨晚起火，烧伤了我的手，太危险了",
        "The battery of my {brand} exploded, my son was injured and is in hospital.",
        "{brand} 的电池爆炸了，孩子受伤送医院",
        "My {brand} gave me an electric shock and burned me, I complained and nobody answers.",
        "{brand} 漏电，我被电伤了，投诉没人管，要求赔偿",
        "My {brand} broke and caught fire, terrible and dangerous, I want my money back.",
        "买的 {brand} 两天就冒烟起火，质量太差，要求退货赔偿",
    ),
    "complaints": (
        "{brand} refuses my refund, terrible service, I complained three times.",
        "{brand} 客服太差了，退款拖了三周，投诉也没人管",
        "My order from {brand} never arrived and nobody answers. Awful service.",
        "买的 {brand} 两天就坏了，质量太差，要求退货",
        "{brand} broke after two days, worst purchase ever, I want my money back.",
        "{brand} 的订单一直不发货，客服没人回复，太失望了",
    ),
})  # fmt: skip


class Script(NamedTuple):
    """What a drill is about. ``drill`` is its id."""

    drill: str
    brand: Brand
    kind: Kind
    pages: bool

    def post(self, number: int, at: int) -> DrillPost:
        """The ``number``-th post, written at ``at``, ms. The names of the brand take turns."""
        texts, names = TEXTS[self.kind], self.brand.aliases
        uid = f"drill:{self.drill}:{number}"
        said = SocialPost(
            post_uid=uid,
            platform="other",
            channel="microblog",
            author=Author(author_key=uid),
            text=texts[number % len(texts)].format(brand=names[number // len(texts) % len(names)]),
            event_time=at,
        )
        return DrillPost(drill=self.drill, brand=self.brand.id, pages=self.pages, post=said)
