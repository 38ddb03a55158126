"""Commands on the brand log: each is obeyed once, or ignored with a reason; nothing but the log decides."""

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.incidents import Incident
from pipeline.orders import MOST, REMEMBERED, Given, Orders, State
from pipeline.watch import Watch
from schemas.codec import encode
from schemas.command import EVERY_BRAND, LONGEST_MS, Command, Matcher
from schemas.decision import Decision
from schemas.vocabulary import CommandKind
from tests.builders import MINUTE, START, record, watchlist

BRANDS = frozenset({"acme", "bolt"})
UNTIL = START + 60 * MINUTE


class Desk:
    """Orders, and one open incident of acme."""

    def __init__(self) -> None:
        self.orders, self.offset = Orders(), 0
        self.open = {"acme": Incident("i1", START, START, START, START, START, severity="error")}

    def give(self, command: Command, at: int = START) -> Decision | None:
        """Append a command."""
        self.offset += 1
        given = Given(command, self.offset, at, "rules", BRANDS, self.open.get)
        return self.orders.obey(given)

    def quiet(self, brand: str, at: int = START) -> list[str]:
        """Ids of the silences in force."""
        return [silence.command_id for silence in self.orders.over(brand, at)]


def command(kind: CommandKind, brand: str = "acme", number: int = 0, **more: object) -> Command:
    return Command(command_id=f"c{number}", kind=kind, brand=brand, by="Mei", **more)


def silence(brand: str = "acme", number: int = 0, **more: object) -> Command:
    return command("silence", brand, number, **{"until": UNTIL, **more})


def test_an_acknowledgement_is_noted_on_the_open_incident_with_its_severity():
    desk = Desk()
    said = desk.give(command("ack", text="on it"))

    assert said is not None
    assert (said.outcome, said.reason, said.incident_id) == ("applied", "commanded", "i1")
    assert (said.at, said.offset) == (START, 1)
    assert desk.open["acme"].acknowledged is not None
    assert (desk.open["acme"].acknowledged.by, desk.open["acme"].acknowledged.severity) == ("Mei", "error")


def test_a_command_that_was_obeyed_is_not_obeyed_again():
    desk = Desk()
    first, again = desk.give(command("ack")), desk.give(replace(command("ack"), by="Li"))

    assert first is not None
    assert again is None
    assert desk.open["acme"].acknowledged is not None
    assert desk.open["acme"].acknowledged.by == "Mei"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (command("ack", "nobody"), "unknown_brand"),
        (command("ack", "acme'; DROP TABLE \x1b[31m"), "unknown_brand"),
        (command("ack", "bolt"), "no_open_incident"),
        (command("resolve", "bolt"), "no_open_incident"),
        (command("note", "bolt", text="?"), "no_open_incident"),
        (command("ack", target="i2"), "other_incident"),
        (command("ack", EVERY_BRAND), "every_brand"),
        (command("resolve", EVERY_BRAND), "every_brand"),
        (command("silence"), "no_end"),
        (silence(until=START), "over"),
        (silence(starts=UNTIL + 1), "over"),
        (silence(until=START + LONGEST_MS + 1), "too_long_ahead"),
        (command("unsilence"), "no_such_silence"),
    ],
)
def test_what_cannot_be_obeyed_is_ignored_with_a_reason_and_changes_nothing(given: Command, reason: str):
    desk = Desk()
    before = msgspec.json.encode(desk.open)
    said = desk.give(given)

    assert said is not None
    assert (said.outcome, said.reason, said.by) == ("ignored", reason, "Mei")
    assert msgspec.json.encode(desk.open) == before
    assert desk.orders.state.silences == []


def test_a_silence_is_in_force_from_its_append_time_until_its_end():
    desk = Desk()
    desk.give(silence(), START + MINUTE)

    assert [desk.quiet("acme", at) for at in (START, START + MINUTE, UNTIL - 1, UNTIL)] == [[], ["c0"], ["c0"], []]
    assert desk.quiet("bolt", START + MINUTE) == []


def test_maintenance_may_begin_later():
    desk = Desk()
    said = desk.give(command("maintenance", starts=START + 10 * MINUTE, until=UNTIL))

    assert said is not None
    assert (said.outcome, said.until) == ("applied", UNTIL)
    assert [desk.quiet("acme", at) for at in (START, START + 10 * MINUTE)] == [[], ["c0"]]


def test_a_silence_of_every_brand_is_over_each():
    desk = Desk()
    desk.give(silence(EVERY_BRAND))

    assert (desk.quiet("acme"), desk.quiet("bolt")) == (["c0"], ["c0"])


def test_a_silence_is_lifted_by_its_id_or_with_all_of_its_brand():
    desk = Desk()
    for number, brand in enumerate(["acme", "acme", EVERY_BRAND]):
        desk.give(silence(brand, number))
    desk.give(command("unsilence", number=10, target="c0"))
    one_lifted = desk.quiet("acme")
    desk.give(command("unsilence", number=11))

    assert one_lifted == ["c1", "c2"]
    assert desk.quiet("acme") == ["c2"]


def test_what_is_remembered_is_bounded():
    desk = Desk()
    said = [desk.give(silence(number=number)) for number in range(REMEMBERED + MOST)]

    assert len(desk.orders.state.silences) == MOST
    assert len(desk.orders.state.obeyed) == REMEMBERED
    assert [one.reason for one in said if one].count("too_many") == REMEMBERED


def test_a_silence_that_is_over_makes_room():
    desk = Desk()
    for number in range(MOST):
        desk.give(silence(number=number))
    said = desk.give(silence(number=MOST, until=UNTIL + MINUTE), UNTIL)

    assert said is not None
    assert said.outcome == "applied"
    assert desk.quiet("acme", UNTIL) == [f"c{MOST}"]


def test_orders_survive_a_checkpoint():
    desk = Desk()
    desk.give(silence(matcher=Matcher(severities=("warning",), facets=("product:x",))))
    again = msgspec.json.decode(msgspec.json.encode(desk.orders.state), type=State)

    assert again == desk.orders.state


def test_a_resolve_waits_for_the_next_minute():
    desk = Desk()
    desk.give(command("resolve", target="i1", text="fixed"))

    assert desk.open["acme"].closing is not None
    assert (desk.open["acme"].closing.by, desk.open["acme"].closing.text) == ("Mei", "fixed")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"kind": "shut"}, b"unknown_word"),
        ({"by": ""}, b"out_of_range"),
        ({"by": None}, b"wrong_type"),
        ({"text": "x" * 1_001}, b"too_long"),
        ({"until": 10**18}, b"out_of_range"),
        ({"until": -1}, b"out_of_range"),
        ({"matcher": {"facets": ["x"] * 17}}, b"too_long"),
        ({"matcher": {"severities": ["bad"]}}, b"unknown_word"),
    ],
)
def test_a_command_that_cannot_be_read_is_a_dead_letter(broken: dict[str, object], reason: bytes):
    value = encode(msgspec.to_builtins(command("ack")) | {"type": "command"} | broken)
    (output,) = Watch(0, watchlist()).apply([record(0, value)])

    assert output.topic == "social.brand-log.v1.dlq"
    assert dict(output.headers)["tocsin-reason-code"] == reason


def test_a_command_is_decided_at_once_even_if_no_minute_ever_closes():
    (output,) = Watch(0, watchlist()).apply([record(0, command("ack"), START)])
    decided = msgspec.json.decode(output.value or b"", type=Decision)

    assert (output.topic, output.key) == ("social.decisions.v1", b"acme")
    assert (decided.reason, decided.at, decided.offset) == ("no_open_incident", START, 0)


def test_the_append_time_of_orders_never_goes_back():
    stage = Watch(0, watchlist())
    told = stage.apply([record(0, silence(), START + MINUTE), record(1, command("ack", number=1), START)])
    times = [msgspec.json.decode(output.value or b"", type=Decision).at for output in told]

    assert times == [START + MINUTE] * 2
