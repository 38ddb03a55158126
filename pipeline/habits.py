"""How often accounts of one posts partition have lately posted, and posted one text: half an hour to an hour."""

from collections.abc import Mapping

import msgspec

from pipeline.sketch import author_hash
from pipeline.stage import Blocks
from pipeline.suspicion import Habit
from schemas.signal import Signal

BLOCK = "habits"
HALF_MS = 1_800_000
MOST = 8_192  # accounts, repetitions and texts followed in half an hour; of more, the first

Times = dict[int, int]


class Half(msgspec.Struct, array_like=True):
    """Posts of half an hour by hash of the account, of account and text, and of the text."""

    posts: Times = {}
    repeats: Times = {}
    copies: Times = {}


class State(msgspec.Struct, array_like=True):
    """Two half hours; ``begun`` is the start of the younger one, ms."""

    begun: int = 0
    young: Half = msgspec.field(default_factory=Half)
    old: Half = msgspec.field(default_factory=Half)


class Habits:
    """Counts posts by partition time, which only moves forward. A post without an author has no habits."""

    __slots__ = ("_state", "dirty")

    def __init__(self) -> None:
        self._state = State()
        self.dirty = False

    def notice(self, signal: Signal, now: int) -> Habit:
        """Count a new post; what is known of its account and its text with it. Reposts repeat and copy nothing."""
        state = self._state
        if now >= state.begun + HALF_MS:
            old = state.young if now < state.begun + 2 * HALF_MS else Half()
            self._state = State(now - now % HALF_MS, Half(), old)
        if not signal.author_key:
            return Habit()
        self.dirty = True
        keys = account, both, text = _keys(signal)
        _count(self._state.young.posts, account)
        if text:
            _count(self._state.young.repeats, both)
            _count(self._state.young.copies, text)
        posts, repeats, copies = self._seen(keys)
        return Habit(max(posts, 1), max(repeats, bool(text)), max(copies, bool(text)))

    def known(self, signal: Signal) -> Habit:
        """What was counted of the account and the text of a post."""
        return self._seen(_keys(signal)) if signal.author_key else Habit()

    def _seen(self, keys: tuple[int, int, int]) -> Habit:
        young, old = self._state.young, self._state.old
        account, both, text = keys
        posts = young.posts.get(account, 0) + old.posts.get(account, 0)
        if not text:
            return Habit(posts)
        return Habit(
            posts,
            young.repeats.get(both, 0) + old.repeats.get(both, 0),
            young.copies.get(text, 0) + old.copies.get(text, 0),
        )

    def snapshot(self) -> Blocks:
        """The block, if it changed."""
        dirty, self.dirty = self.dirty, False
        return Blocks({BLOCK: lambda: msgspec.msgpack.encode(self._state)} if dirty else {})

    def restore(self, blocks: Mapping[str, bytes]) -> None:
        """Become what was snapshotted."""
        self._state = msgspec.msgpack.decode(blocks[BLOCK], type=State) if BLOCK in blocks else State()


def _keys(signal: Signal) -> tuple[int, int, int]:
    """Account, account and text, text; 0 for no text of its own."""
    account, text = author_hash(signal.author_key), 0 if signal.repost_of else signal.fingerprint
    return account, account ^ text, text


def _count(held: Times, key: int) -> None:
    """One more of ``key``, if there is room for it."""
    if key in held:
        held[key] += 1
    elif len(held) < MOST:
        held[key] = 1
