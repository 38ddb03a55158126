"""A sink commits behind what it has done, and only that."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from agents.lane import Batch
from agents.metrics import Metrics
from agents.sink import Sink
from tests.fakes.faust_world import App, Ending, breathe, records

FIRST, SECOND = TP("in", 0), TP("in", 1)


class Acting:
    """An action that ends when the test says so."""

    def __init__(self, width: int = 1) -> None:
        self.app, self.ending = App(), Ending()
        self.begun: list[tuple[TP, int]] = []
        self.gates: dict[tuple[TP, int], asyncio.Event] = {}
        self.failure: Exception | None = None
        self.sink = Sink(self.app, "store", self, Metrics(), self.ending, width=width)

    async def __call__(self, tp: TP, batch: Sequence[Any]) -> None:
        """The action."""
        batch_id = (tp, batch[0].offset)
        self.begun.append(batch_id)
        if batch_id in self.gates:
            await self.gates[batch_id].wait()
        if self.failure:
            raise self.failure

    def hold(self, tp: TP, offset: int) -> asyncio.Event:
        """Let the batch that begins here wait for the event returned."""
        return self.gates.setdefault((tp, offset), asyncio.Event())

    async def take(self, tp: TP, offsets: Sequence[int], generation: int = 1) -> asyncio.Task[None]:
        """A batch arrives."""
        taking = asyncio.create_task(self.sink._take(Batch(tp, generation, records(offsets))))
        await breathe()
        return taking

    def logs(
        self, tps: Sequence[TP], begin: int, end: int, failure: Exception | None = None, delivered: int = -1
    ) -> None:
        """The assignment, where its logs begin and end, as a broker tells, and how much was delivered of all that."""

        async def told(offset: int) -> dict[TP, int]:
            if failure:
                raise failure
            return dict.fromkeys(tps, offset)

        self.app.assigned = list(tps)
        self.app.consumer.earliest_offsets = lambda *_: told(begin)
        self.app.consumer.highwaters = lambda *_: told(end)
        self.app.consumer.position = lambda _tp: asyncio.sleep(0, end)
        self.app.consumer.delivered = lambda _tp: delivered

    async def let(self, gate: asyncio.Event) -> None:
        """Open a gate and let what follows happen."""
        gate.set()
        await breathe()


async def test_it_commits_behind_the_batch_after_the_action_returned():
    acting = Acting()
    gate = acting.hold(FIRST, 3)
    await acting.take(FIRST, [3, 4, 7])
    before = list(acting.app.commits)
    await acting.let(gate)

    assert (before, acting.app.commits) == ([], [(FIRST, 8)])


async def test_an_action_that_raises_ends_the_process_and_nothing_is_committed():
    acting = Acting()
    acting.failure = ValueError("broken")
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    await acting.take(FIRST, [3])

    assert acting.ending.reasons == ["store: in/0: ValueError('broken')"]
    assert (acting.app.commits, acting.sink.acting) == ([], 0)


async def test_a_batch_of_an_older_generation_is_left_to_its_new_owner():
    acting = Acting()
    await acting.take(FIRST, [3], generation=0)
    await acting.take(FIRST, [3])

    assert (acting.begun, acting.app.commits) == ([(FIRST, 3)], [(FIRST, 4)])


async def test_a_batch_whose_partition_moves_away_while_it_waits_for_room_is_not_begun():
    acting = Acting()
    gate = acting.hold(FIRST, 3)
    await acting.take(FIRST, [3])
    await acting.take(FIRST, [4])
    acting.app.consumer_generation_id += 1
    await acting.let(gate)

    assert (acting.begun, acting.app.commits) == ([(FIRST, 3)], [])


async def test_what_is_done_again_after_a_revocation_is_committed_though_the_first_attempt_never_ends():
    acting = Acting(width=2)
    acting.hold(FIRST, 3)
    await acting.take(FIRST, [3])
    acting.app.consumer_generation_id += 1
    await acting.sink.revoked(acting.app, {FIRST})
    acting.gates.clear()
    await acting.take(FIRST, [3], generation=2)

    assert acting.app.commits == [(FIRST, 4)]


async def test_no_more_batches_are_under_way_than_it_is_wide():
    acting = Acting(width=2)
    gates = [acting.hold(FIRST, offset) for offset in range(3)]
    waiting = [await acting.take(FIRST, [offset]) for offset in range(3)]
    before = acting.sink.acting, [taken.done() for taken in waiting]
    await acting.let(gates[0])

    assert before == (2, [True, True, False])
    assert (acting.begun, waiting[2].done()) == ([(FIRST, 0), (FIRST, 1), (FIRST, 2)], True)


async def test_only_the_unbroken_run_of_batches_done_is_committed():
    acting = Acting(width=3)
    gates = [acting.hold(FIRST, offset) for offset in range(3)]
    for offset in range(3):
        await acting.take(FIRST, [offset])
    committed = []
    for number in (1, 0, 2):
        await acting.let(gates[number])
        committed.append(acting.app.commits[-1:])

    assert committed == [[], [(FIRST, 2)], [(FIRST, 3)]]


async def test_it_is_acting_until_the_last_of_its_batches_has_ended():
    acting = Acting(width=2)
    gate = acting.hold(FIRST, 3)
    await acting.take(FIRST, [3])
    await acting.take(SECOND, [5])
    meanwhile = acting.sink.acting
    await acting.let(gate)

    assert (meanwhile, acting.sink.acting) == (1, 0)


async def test_lag_and_reach_count_what_was_acted_on_since_the_commit():
    acting = Acting()
    acting.app.highwaters |= {FIRST: 10, SECOND: 10}
    acting.sink.position(FIRST, 3)
    before = acting.sink.reached(), acting.sink.lag()
    await acting.take(FIRST, [3])
    after = acting.sink.reached(), acting.sink.lag()
    await acting.sink.revoked(acting.app, {FIRST})

    assert (before, after, acting.sink.reached(), acting.sink.lag()) == ((3, 7), (4, 6), 0, 0)


async def test_lag_grows_with_the_log_although_nothing_is_fetched_while_it_acts():
    acting = Acting()
    acting.logs([FIRST, SECOND], begin=2, end=10)
    acting.hold(FIRST, 3)
    acting.sink.position(FIRST, 3)
    await acting.sink.assigned(acting.app)
    await acting.take(FIRST, [3])

    assert acting.sink.lag() == (10 - 3) + (10 - 2)


async def test_what_retention_took_is_not_waited_for():
    acting = Acting()
    acting.logs([FIRST], begin=10, end=10)
    acting.sink.position(FIRST, 3)
    await acting.sink.assigned(acting.app)
    await breathe()

    assert acting.sink.lag() == 0


async def test_the_mark_of_a_transaction_at_the_end_of_a_log_is_not_waited_for_and_records_are():
    acting = Acting()
    acting.sink.position(FIRST, 3)
    lags = []
    for delivered in (5, 3):
        acting.logs([FIRST], begin=0, end=6, delivered=delivered)
        await acting.sink.assigned(acting.app)
        await breathe()
        lags.append(acting.sink.lag())

    assert lags == [3, 0]


async def test_a_log_that_cannot_be_looked_at_is_as_it_was_seen_last():
    acting = Acting()
    acting.app.highwaters[FIRST] = 10
    acting.sink.position(FIRST, 3)
    with structlog.testing.capture_logs() as logged:
        acting.logs([FIRST], begin=2, end=10, failure=KafkaError("gone"))
        await acting.sink.assigned(acting.app)
        await breathe()

    assert acting.sink.lag() == 7
    assert [entry["event"] for entry in logged] == ["lag_not_seen"]


async def test_two_rebalances_in_a_row_leave_one_look_at_the_logs():
    acting = Acting()
    acting.logs([FIRST], begin=0, end=0)
    for _ in range(2):
        await acting.sink.revoked(acting.app, {FIRST})
    for _ in range(2):
        await acting.sink.assigned(acting.app)
        await breathe()

    assert len(asyncio.all_tasks() - {asyncio.current_task()}) == 1


async def test_it_is_settled_between_assignment_and_revocation():
    acting = Acting()
    acting.logs([FIRST], begin=0, end=0)
    before = acting.sink.settled
    await acting.sink.assigned(acting.app)
    between = acting.sink.settled
    await acting.sink.revoked(acting.app, {FIRST})

    assert between > before == acting.sink.settled == 0


def test_it_resumes_at_the_commit():
    sink = Sink(App(), "store", None, Metrics(), Ending())  # type: ignore[arg-type]  # as far as it is used

    assert (sink.position(FIRST, 5), sink.position(FIRST, None)) == (5, None)
