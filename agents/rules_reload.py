"""Rules that change without a restart: a worker that sees its file change tells the brand log, and watch obeys that.

The log wins. A file that a worker starts with is told if the log has never had it, and only complained of if the log
has left it; ``tocsin rules apply`` goes back on purpose.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from socket import gethostname

import structlog

from agents.metrics import Metrics
from agents.part import Part
from agents.rules_file import RulesFile
from agents.runner import Runner
from pipeline.ruling import KEYS, Choice, at_start, change_record, on_change
from pipeline.shadow import Shadowed
from pipeline.stage import Output
from pipeline.watchlist import WatchList
from schemas.codec import encode
from schemas.rules_change import RulesChange
from schemas.topics import BRAND_LOG
from schemas.vocabulary import RulesScope

LOOK_S = 2.0

_log = structlog.get_logger(__name__)
_BROKEN = "the rules in force go on; correct the file, tocsin check-config FILE says when it is right"
_ADVICE = {
    "older_than_log": "the rules in force go on; update the file, or go back on purpose: tocsin rules apply FILE",
    "needs_restart": "brands, words or buckets differ: restart the workers with this file",
}


class Reload:
    """Looks at the files of one worker, whose ``runner`` owns partitions of watch.

    A part knows the rules that the log has in force once it has read what was there when it was met. ``send`` waits for
    the acknowledgement.
    """

    def __init__(
        self,
        files: Mapping[RulesScope, RulesFile],
        partitions: int,
        runner: Runner,
        send: Callable[[Output], Awaitable[None]],
        metrics: Metrics,
    ) -> None:
        self._files, self._partitions, self._runner, self._send = files, partitions, runner, send
        self._metrics = metrics
        self._met: dict[int, tuple[Part, int]] = {}  # part, and where its log ended when it was met
        self._begun: dict[tuple[RulesScope, int], Part] = {}  # compared with the files of its worker
        self._meant: set[RulesScope] = set()  # files that changed, not told yet

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Read what has changed, tell what follows from it."""
        self._meet()
        for scope, file in self._files.items():
            problem = file.problem
            if await asyncio.to_thread(file.look):
                self._meant.add(scope)
            if file.problem not in ("", problem):
                _log.error("rules_file_broken", scope=scope, file=str(file.path), why=file.problem, advice=_BROKEN)
            if file.watchlist is not None:
                await self._settle(scope, file, file.watchlist)
            self._gauge(scope, file)

    def _meet(self) -> None:
        """Meet parts that are new, and let go of those that went away, with all their state."""
        owned = self._runner.parts
        self._met = {number: met for number, met in self._met.items() if owned.get(number) is met[0]}
        self._begun = {place: part for place, part in self._begun.items() if owned.get(place[1]) is part}
        for number, part in owned.items():
            if number not in self._met and (end := self._runner.end(number)) is not None:
                self._met[number] = (part, end)

    def _knowing(self) -> list[Part]:
        """Parts that have caught up since they were met."""
        owned = self._runner.parts
        met = (self._met.get(number, (None, 0)) for number in owned)
        return [part for part, end in met if part and owned.get(part.partition) is part and part.state.next >= end]

    async def _settle(self, scope: RulesScope, file: RulesFile, watchlist: WatchList) -> None:
        """Choose for parts that are new, or for all if the file was meant to change."""
        meant, knowing = scope in self._meant, self._knowing()
        if meant and (not self._runner.settled or len(knowing) < len(self._runner.parts)):
            return  # in a rebalance there are no parts, which does not mean that nobody need be told
        fresh = [part for part in knowing if self._begun.get((scope, part.partition)) is not part]
        concerned = knowing if meant else fresh
        choices = [_choose(part, scope, watchlist, meant=meant) for part in concerned]
        for why in sorted({choice.why for choice in choices if choice.why in _ADVICE}):
            _log.warning("rules_file_not_applied", scope=scope, file=str(file.path), why=why, advice=_ADVICE[why])
        try:
            for chosen in _distinct(choices):
                await self._tell(scope, chosen, "the file changed" if meant else "a worker started with it")
        except Exception as error:  # noqa: BLE001  # whatever Kafka says, the next look tries again
            _log.warning("rules_not_told", scope=scope, error=repr(error), advice="tried again")
            return
        self._meant.discard(scope)
        self._begun |= {(scope, part.partition): part for part in fresh}

    async def _tell(self, scope: RulesScope, watchlist: WatchList, reason: str) -> None:
        draft = RulesChange(
            change_id=uuid.uuid4().hex, scope=scope, digest="", watchlist=None, at=int(time.time() * 1000),
            by=f"worker on {gethostname()}", reason=reason,
        )  # fmt: skip
        change = change_record(watchlist, draft)
        for partition in range(self._partitions):
            await self._send(Output(BRAND_LOG.name, partition, KEYS[scope], encode(change)))
        _log.info("rules_told", scope=scope, rules=change.digest, reason=reason)

    def _gauge(self, scope: RulesScope, file: RulesFile) -> None:
        rulings = [_state(part).rulings[scope] for part in self._runner.parts.values()]
        same = all(ruling is not None and ruling.watchlist == file.watchlist for ruling in rulings)
        self._metrics.rules_file.labels(scope).set(same and not file.problem)


def _state(part: Part) -> Shadowed:
    if not isinstance(part.state, Shadowed):
        raise TypeError(f"{part.state!r} is not judged by rules")
    return part.state


def _choose(part: Part, scope: RulesScope, file: WatchList, *, meant: bool) -> Choice:
    ruling = _state(part).rulings[scope]
    if ruling is None:  # a shadow that is not there yet must match as the others do
        pages = _state(part).rulings["pages"]
        choice = on_change(pages.watchlist, file) if pages else Choice(file, "new")
        return Choice(file, "new") if choice.why == "in_force" else choice
    return on_change(ruling.watchlist, file) if meant else at_start(ruling, file)


def _distinct(choices: Sequence[Choice]) -> list[WatchList]:
    found: list[WatchList] = []
    for choice in choices:
        if choice.watchlist is not None and choice.watchlist not in found:
            found.append(choice.watchlist)
    return found
