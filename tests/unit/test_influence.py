"""Influence: what endorsements add up to, whoever gives them, in whatever order and number."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from pipeline.influence.accounts import Accounts
from pipeline.influence.endorsing import ACTOR, EXCESSIVE, SELF, Endorser, Interactions
from pipeline.influence.formula import EXCESS, KIND_WEIGHTS, KNOWN_S, NEVER, believed
from pipeline.influence.identity import account_id, account_ids
from pipeline.influence.scoring import AUTHOR, POSTS, Endorsements, Scoreboard, Standings
from schemas.vocabulary import ENDORSING

DAY, START = 86_400, 1_700_000_000


def interactions(*rows: tuple[int, int, int], weight: float = 1.0) -> Interactions:
    """Interactions of (actor, target, at) by accounts that nothing is known of."""
    actor, target, at = zip(*rows, strict=True)
    size = len(rows)
    return Interactions(
        np.array(actor, np.uint64), np.array(target, np.uint64), np.array(at, np.uint32),
        np.full(size, weight, np.float32), np.zeros(size, bool), np.zeros(size, np.uint32),
    )  # fmt: skip


def endorsed(endorser: Endorser, given: Interactions, posts: Sequence[int] | None = None) -> Endorsements:
    """What the second hop gets."""
    worth = endorser.weigh(given)
    kept = worth.weight > 0
    post = np.array(posts if posts is not None else np.zeros(len(kept)), np.uint16)
    kinds = np.full(len(kept), 2, np.uint8)
    columns = (given.actor, given.target, given.at, post, worth.gap, worth.weight, worth.trust, kinds)
    return Endorsements(*(column[kept] for column in columns))


def scores(given: Interactions, at: int, posts: Sequence[int] | None = None) -> Standings:
    board = Scoreboard()
    board.add(endorsed(Endorser(), given, posts))
    return board.standings(at)


def test_a_fan_counts_once_by_the_last_endorsement() -> None:
    once = scores(interactions((1, 9, START)), START)
    often = scores(interactions(*((1, 9, START) for _ in range(500))), START)

    assert often.lasting == pytest.approx(once.lasting)


def test_a_fan_who_returns_is_refreshed() -> None:
    later = START + DAY

    board = Scoreboard()
    board.add(endorsed(Endorser(), interactions((1, 9, START), (1, 9, later))))
    assert board.authors.used["every"][0, 0] == pytest.approx(0.5 + (1 - 0.5) / (1 + 0.2 * np.log2(1.5)), abs=1e-3)


def test_a_date_that_an_account_claims_makes_it_no_older() -> None:
    old, fresh = 8, 5
    given = interactions((old, 9, START), (fresh, 9, START - 400 * DAY), (fresh, 7, START + 60), (old, 7, START + DAY))

    assert Endorser().weigh(given).trust.tolist() == [0, 0, 0, 1]


def test_a_standing_of_long_ago_makes_an_account_no_older() -> None:
    endorser = Endorser()
    endorser.weigh(interactions((8, 9, START)))
    endorser.lift(5, 0.0, START - 400 * DAY)

    assert endorser.weigh(interactions((5, 9, START + 60))).trust.tolist() == [0]


def test_nobody_endorses_themselves() -> None:
    endorser = Endorser()

    assert not len(endorsed(endorser, interactions((9, 9, START))).actor)
    assert endorser.counts[SELF] == 1


def test_scores_fade_by_their_half_lives() -> None:
    board = Scoreboard()
    board.add(endorsed(Endorser(), interactions(*((actor, 9, START) for actor in range(1, 100)))))
    now, later = (board.standings(at) for at in (START + 2 * DAY, START + 3 * DAY))

    assert later.lasting[0] == pytest.approx(now.lasting[0] * np.sqrt(0.5), rel=1e-3)  # a crowd counts by its root


def test_what_comes_late_gives_the_same() -> None:
    rows = [(actor, 9, START + actor * 977) for actor in range(1, 200)]
    shuffled = Random(1).sample(rows, len(rows))

    def every(order: list[tuple[int, int, int]]) -> np.ndarray:
        board = Scoreboard()
        board.add(endorsed(Endorser(), interactions(*order)))
        return board.authors.used["every"][0]

    assert every(shuffled) == pytest.approx(every(rows), rel=1e-4)


def test_known_accounts_are_believed_and_a_crowd_by_its_root() -> None:
    assert believed(400.0, 400.0) == 400
    assert believed(400.0, 0.0) == 20
    assert believed(400.0, 10.0) == 70


def test_an_account_is_known_twelve_hours_after_it_was_first_seen() -> None:
    given = interactions((1, 5, START), (1, 6, START + KNOWN_S - 1), (1, 7, START + KNOWN_S))

    assert Endorser().weigh(given).trust.tolist() == [0, 0, 1]


def test_seeds_and_old_accounts_are_trusted_at_once() -> None:
    given = interactions((1, 5, START), (2, 5, START), (3, 5, START), (4, 5, START))
    given.trusted[0], given.made[1], given.made[3] = True, START - DAY, START + DAY

    assert Endorser().weigh(given).trust.tolist() == [1, 1, 0, 0]


def test_whom_known_accounts_endorse_is_trusted_in_part_and_less_as_it_fades() -> None:
    endorser = Endorser()
    endorser.lift(1, 20.0, START)
    endorser.lift(2, 20.0, START - DAY)

    assert endorser.weigh(interactions((1, 5, START), (2, 5, START))).trust.tolist()[0] == pytest.approx(0.5)
    assert endorser.weigh(interactions((3, 5, START))).trust.tolist() == [0]


def test_one_actor_with_a_million_interactions_skews_nobody() -> None:
    fans = interactions(*((actor, 9, START) for actor in range(10, 20)))
    flood = interactions(*((1, target, START + 1) for target in range(100, 100_100)))
    again = interactions(*((actor, 9, START + 2) for actor in range(10, 20)))
    endorser = Endorser(pairs=1 << 14)
    endorser.weigh(fans)
    for _ in range(10):
        endorser.weigh(flood)

    assert endorser.counts[EXCESSIVE] == 1_000_000 - EXCESS - 1
    assert (endorser.weigh(again).gap == 2).all()


def test_pairs_that_are_forgotten_count_anew() -> None:
    endorser = Endorser(pairs=16)
    endorser.weigh(interactions(*((actor, 9, START + actor) for actor in range(1, 1_000))))

    assert endorser.weigh(interactions((1, 9, START + 2_000))).gap.tolist() == [NEVER]


def test_h_is_how_many_of_the_last_posts_had_so_many_endorsers() -> None:
    rows = [(100 * post + fan, 9, START) for post in range(5) for fan in range(post + 1)]
    posts = [post for post in range(5) for _ in range(post + 1)]

    assert scores(interactions(*rows), START, posts).h.tolist() == [3]


def test_only_the_last_posts_are_remembered() -> None:
    rows = [(100 * post + fan, 9, START) for post in range(40) for fan in range(3 if post < 20 else 1)]
    posts = [post for post in range(40) for _ in range(3 if post < 20 else 1)]

    assert scores(interactions(*rows), START, posts).h.tolist() == [1]
    assert scores(interactions(*rows[:60]), START, posts[:60]).h.tolist() == [3]
    assert POSTS < 20


def test_reasons_are_the_last_who_added_something() -> None:
    board = Scoreboard()
    rows = [(actor, 9, START + actor) for actor in range(1, 6)] + [(5, 9, START + 5)]
    board.add(endorsed(Endorser(), interactions(*rows)))

    assert sorted(board.authors.used["reason_actor"][0].tolist()) == [3, 4, 5]
    assert board.authors.used["reason_kind"][0].tolist() == [2, 2, 2]


def test_each_interaction_that_weighs_something_has_its_place_on_the_wire() -> None:
    assert set(KIND_WEIGHTS) == set(ENDORSING)
    assert len(set(ENDORSING)) == len(ENDORSING)


def test_authors_are_told_about_when_they_rise() -> None:
    given = interactions(*((actor, 9, START) for actor in range(1, 1_001)))
    given.trusted[:] = True
    board = Scoreboard()

    risen = board.add(endorsed(Endorser(), given))
    told = [float(row["told"]) for row in risen.row]
    assert told[0] >= 10
    assert all(later >= 1.25 * sooner for sooner, later in pairwise(told))
    assert not len(board.add(endorsed(Endorser(), interactions((5_000, 9, START)))).number)


@pytest.mark.parametrize("size", [1, 7, 500])
def test_where_batches_are_cut_does_not_show_though_accounts_are_forgotten(size: int) -> None:
    rng = Random(3)
    rows = [(rng.randrange(300), rng.randrange(300), START + 60 * number) for number in range(3_000)]

    def folded(step: int) -> tuple[bytes, bytes]:
        endorser, board = Endorser(most=100, pairs=256), Scoreboard(most=90)
        for start in range(0, len(rows), step):
            board.add(endorsed(endorser, interactions(*rows[start : start + step])))
        return endorser.actors.used.tobytes(), board.authors.used.tobytes()

    assert folded(size) == folded(len(rows))


def test_memory_is_bounded_and_the_leaders_stay() -> None:
    board, endorser = Scoreboard(most=2_000), Endorser(most=2_000)
    board.add(endorsed(endorser, interactions(*((actor, 9, START) for actor in range(10, 500)))))
    board.add(endorsed(endorser, interactions(*((number, number + 10**7, START) for number in range(10_000, 60_000)))))

    assert len(board.authors.rows) == len(endorser.actors.rows) == 2_000
    assert board.authors.find(9) is not None
    assert board.authors.forgotten > 40_000


def test_a_checkpoint_is_the_state() -> None:
    rng = Random(4)
    rows = [(rng.randrange(3_000), rng.randrange(3_000), START + number) for number in range(9_000)]
    first, second, blocks = Endorser(), Endorser(), dict[str, bytes]()
    board, other = Scoreboard(), Scoreboard()
    for start in range(0, 8_000, 1_000):
        board.add(endorsed(first, interactions(*rows[start : start + 1_000])))
        blocks |= {name: encode() for name, encode in (first.snapshot() | board.snapshot()).items()}
    second.restore(blocks, int(first.actors.count[0]))
    other.restore(blocks, int(board.authors.count[0]))
    rest = interactions(*rows[8_000:])

    assert board.add(endorsed(first, rest)).row.tobytes() == other.add(endorsed(second, rest)).row.tobytes()
    assert other.authors.used.tobytes() == board.authors.used.tobytes()
    assert not Scoreboard().snapshot()


def test_a_checkpoint_that_lacks_a_block_is_refused() -> None:
    board = Scoreboard()
    board.add(endorsed(Endorser(), interactions((1, 9, START))))

    with pytest.raises(KeyError):
        Scoreboard().restore({}, 1)
    with pytest.raises(ValueError, match="holds 1"):
        Scoreboard().restore({name: encode() for name, encode in board.snapshot().items()}, 2)


def test_a_row_costs_what_the_documentation_says() -> None:
    assert (ACTOR.itemsize, AUTHOR.itemsize) == (32, 144)


def test_a_pseudonym_is_shown_by_its_first_half_and_other_keys_are_hashed() -> None:
    assert account_id("0123456789abcdef" + 16 * "0") == 0x0123456789ABCDEF
    keys = ["0123456789abcdef" * 2, 32 * "f"]
    assert account_ids(keys).tolist() == [account_id(key) for key in keys]
    assert account_ids([*keys, 32 * " "]).tolist() == [account_id(key) for key in [*keys, 32 * " "]]
    assert len({account_id(key) for key in ("88", "088", "0x58", 32 * "g", 32 * " ", "0" * 31 + " ")}) == 6


def test_accounts_are_found_after_growth() -> None:
    accounts = Accounts(ACTOR, 10_000, lambda rows: rows["seen"])
    endorser = Endorser()
    endorser.actors = accounts
    endorser.weigh(interactions(*((actor, 9, START) for actor in range(1, 5_000))))

    assert [accounts.rows["id"][accounts.find(actor)] for actor in (1, 2_500, 4_999)] == [1, 2_500, 4_999]
    assert accounts.find(6_000) is None
