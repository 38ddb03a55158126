"""The list of incidents, one incident with all that is known of it, its chart, and the commands of responders."""

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web

from agents.console import questions
from agents.console.gate import PERSON, Gate
from agents.console.incident_facts import Facts, gather, life_of
from agents.console.live import Live
from agents.console.orders import WAIT_S, NotGiven, Orders
from agents.console.reader import Reader
from agents.console.rendering import Pages
from pipeline.command_advice import advice_on_form
from pipeline.console.answers import UNCONDITIONAL
from pipeline.console.chart import Minute, chart
from pipeline.console.standing import CONSOLE, standing
from pipeline.page_text import LANGUAGES
from pipeline.quoting import one_line
from pipeline.why_text import told
from schemas.command import Command

BEFORE_MS, AFTER_MS = 3_600_000, 1_800_000  # of the incident, on its chart
MOST_SPAN_MIN = 1_440  # of a silence that is given here
_ID = re.compile(r"[0-9a-f]{32}")


class IncidentPages:
    """Handlers below /incidents."""

    def __init__(self, gate: Gate, pages: Pages, reader: Reader, live: Live, orders: Orders) -> None:
        self._gate, self._pages, self._reader, self._live, self._orders = gate, pages, reader, live, orders

    async def list(self, request: web.Request) -> web.Response:
        """What is open, the most urgent first, and what closed last."""
        spoken = self._pages.language(request)
        found, closed = await asyncio.gather(self._live.look(), self._reader.section(questions.CLOSED, {"brand": ""}))
        now = _now()
        cards = [standing(alert, spoken, paged=paged, now=now) for alert, paged in found.incidents]
        return self._pages.page(request, "incidents.html", now, {
            "cards": cards, "hidden": max(found.number - len(cards), 0), "closed": closed, "stale": not found.fresh,
        })  # fmt: skip

    async def one(self, request: web.Request) -> web.Response:
        """One incident."""
        return await self._show(request, await self._facts(request), "", status=200)

    async def chart(self, request: web.Request) -> web.Response:
        """The series of its chart, as JSON."""
        spoken, life = self._pages.language(request), await life_of(self._reader, request.match_info["incident"])
        if not life:
            raise web.HTTPNotFound
        alert = life[-1]
        end = alert.at + AFTER_MS if alert.event == "resolved" else max(_now(), alert.at)
        rows = await self._reader.rows(questions.SERIES, {
            "brand": alert.brand, "since": min(alert.since, alert.started) - BEFORE_MS, "until": end,
        })  # fmt: skip
        minutes = [msgspec.convert(row, Minute, strict=False) for row in rows]
        drawn = chart(minutes, alert.detectors, LANGUAGES[spoken], CONSOLE[spoken])
        marks = [{"t": one.at // 1000, "label": LANGUAGES[spoken].names.get(one.event, one.event)} for one in life]
        return web.json_response({**drawn, "marks": marks}, headers={"Cache-Control": "no-store"})

    async def respond(self, request: web.Request) -> web.Response:
        """A command from a form of the page; shows the page again with what became of it."""
        form, kind, person = await request.post(), request.match_info["kind"], request[PERSON]
        words = CONSOLE[self._pages.language(request)]
        facts = await self._facts(request)
        if not self._gate.sealed(request, str(form.get("csrf", ""))):
            return await self._show(request, facts, words.forged, status=403)
        if not person.may("respond"):
            return await self._show(request, facts, words.forbidden.format(role=words.roles["respond"]), status=403)
        try:
            command = _command(kind, facts, person.name, form)
        except (ValueError, msgspec.ValidationError) as wrong:
            return await self._show(request, facts, words.refused.format(why=wrong), status=400)
        said, status = await self._give(command, self._pages.language(request))
        return await self._show(request, await self._facts(request), said, status)

    async def _give(self, command: Command, spoken: str) -> tuple[str, int]:
        words = CONSOLE[spoken]
        try:
            given = await self._orders.give(command)
        except NotGiven as failure:
            return words.refused.format(why=failure), 503
        if not given.decisions:
            return words.unanswered.format(seconds=f"{WAIT_S:g}"), 202
        return " ".join(dict.fromkeys(told(decision, spoken) for decision in given.decisions)), 200

    async def _facts(self, request: web.Request) -> Facts:
        said = (await self._live.look()).answers
        facts = await gather(self._reader, request.match_info["incident"], _now(), said)
        if facts is None:
            raise web.HTTPNotFound
        return facts

    async def _show(self, request: web.Request, facts: Facts, message: str, status: int) -> web.Response:
        spoken, now = self._pages.language(request), _now()
        values: Mapping[str, Any] = {
            **facts.shown(spoken, now),
            "message": message,
            "trouble": status >= web.HTTPBadRequest.status_code,
            "new_id": lambda: f"{UNCONDITIONAL}{uuid4().hex}",
            "told": lambda decision: told(decision, spoken),
        }
        return self._pages.page(request, "incident.html", now, values, status)


def _command(kind: str, facts: Facts, by: str, form: Mapping[str, Any]) -> Command:
    """The command of a form.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    given = str(form.get("command_id", "")).removeprefix(UNCONDITIONAL)
    name = given if _ID.fullmatch(given) else uuid4().hex
    fields: dict[str, Any] = {"kind": kind, "brand": facts.alert.brand, "by": by}
    fields["text"] = one_line(str(form.get("text", "")).strip())
    if kind in ("ack", "resolve", "note"):
        fields["target"] = facts.alert.incident_id
    if kind == "silence":
        minutes = int(str(form.get("minutes", "")))
        if not 0 < minutes <= MOST_SPAN_MIN:
            raise ValueError(f"1 to {MOST_SPAN_MIN} minutes")
        fields["until"] = _now() + minutes * 60_000
    command = msgspec.convert({"type": "command", "command_id": f"{UNCONDITIONAL}{name}", **fields}, Command)
    if wrong := advice_on_form(command, _now()):
        raise ValueError(wrong)
    return command


def _now() -> int:
    return int(time.time() * 1000)
