"""Logging in, the language, and the pages around incidents: brands, influencers, posts, dead letters, health."""

import asyncio
import time
from typing import Any

import msgspec
from aiohttp import web

from agents.console import questions
from agents.console.gate import PERSON, Gate
from agents.console.live import Live
from agents.console.reader import Reader
from agents.console.rendering import COOKIE, Pages
from agents.console.workers import Workers
from pipeline.console.chart import Minute, chart
from pipeline.console.endorsers import endorsers
from pipeline.console.standing import CONSOLE, standing
from pipeline.languages import TAGS
from pipeline.page_text import LANGUAGES

DAY_MS = 86_400_000
YEAR_S = 31_536_000
MOST_HOURS = 24 * 366
_LONGEST = 200  # characters of what is searched for


class OtherPages:
    """Their handlers."""

    def __init__(self, gate: Gate, pages: Pages, reader: Reader, live: Live, workers: Workers) -> None:
        self._gate, self._pages, self._reader, self._live, self._workers = gate, pages, reader, live, workers

    async def login_form(self, request: web.Request) -> web.Response:
        """The form that asks for a token."""
        return self._login(request, _local(request.query.get("next", "")), "", 200)

    async def login(self, request: web.Request) -> web.StreamResponse:
        """Begin a session, or say that the token is not known."""
        form = await request.post()
        onward, person = _local(str(form.get("next", ""))), await self._gate.log_in(str(form.get("token", "")))
        if person is None:
            words = CONSOLE[self._pages.language(request)]
            return self._login(request, onward, words.unknown_credential, 403)
        response = web.HTTPSeeOther(onward)
        self._gate.begin(response, person)
        raise response

    def _login(self, request: web.Request, onward: str, message: str, status: int) -> web.Response:
        return self._pages.page(request, "login.html", _now(), {"next": onward, "message": message}, status)

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        if not self._gate.sealed(request, str((await request.post()).get("csrf", ""))):
            raise web.HTTPForbidden(text="this form is not ours")
        response = web.HTTPSeeOther("/login")
        self._gate.end(request, response)
        raise response

    async def language(self, request: web.Request) -> web.StreamResponse:
        """Remember the language that was chosen, and go back."""
        chosen = request.query.get("to", "")
        response = web.HTTPSeeOther(_local(request.query.get("next", "")))
        if chosen in TAGS:
            response.set_cookie(COOKIE, chosen, max_age=YEAR_S, samesite="Strict", httponly=True, path="/")
        raise response

    async def brands(self, request: web.Request) -> web.Response:
        """All brands, with their last day."""
        rows, found = await asyncio.gather(self._reader.section(questions.BRANDS), self._live.look())
        now, spoken = _now(), self._pages.language(request)
        cards = {
            alert.brand: standing(alert, spoken, paged=paged, now=now) for alert, paged in reversed(found.incidents)
        }
        return self._pages.page(request, "brands.html", now, {"rows": rows, "cards": cards})

    async def brand(self, request: web.Request) -> web.Response:
        """One brand: its last day, what complaints are about, incidents."""
        brand, spoken = request.match_info["brand"], self._pages.language(request)
        newest = await self._newest(brand)
        about = {"brand": brand, "since": newest - DAY_MS, "until": newest}
        facets, closed, found = await asyncio.gather(
            self._reader.section(questions.FACETS, about),
            self._reader.section(questions.CLOSED, about),
            self._live.look(),
        )
        now = _now()
        mine = [
            standing(alert, spoken, paged=paged, now=now) for alert, paged in found.incidents if alert.brand == brand
        ]
        values = {"brand": brand, "newest": newest, "facets": facets, "closed": closed, "cards": mine}
        return self._pages.page(request, "brand.html", now, values)

    async def brand_chart(self, request: web.Request) -> web.Response:
        """The series of the last day, as JSON."""
        brand, spoken = request.match_info["brand"], self._pages.language(request)
        newest = await self._newest(brand)
        about = {"brand": brand, "since": newest - DAY_MS, "until": newest}
        minutes = [
            msgspec.convert(row, Minute, strict=False) for row in await self._reader.rows(questions.SERIES, about)
        ]
        drawn = chart(minutes, ("negative_share", "mention_burst"), LANGUAGES[spoken], CONSOLE[spoken])
        return web.json_response({**drawn, "marks": []}, headers={"Cache-Control": "no-store"})

    async def _newest(self, brand: str) -> int:
        rows = await self._reader.rows(questions.NEWEST, {"brand": brand})
        newest = int(rows[0]["newest"]) if rows else 0
        if not newest:
            raise web.HTTPNotFound
        return newest

    async def influencers(self, request: web.Request) -> web.Response:
        """Who is endorsed, in all or in one brand."""
        brand = request.query.get("brand", "")
        rows, brands = await asyncio.gather(
            self._reader.section(questions.LEADERS, {"brand": brand}), self._brand_names()
        )
        now, words = _now(), CONSOLE[self._pages.language(request)]
        told = {row["author_key"]: endorsers(str(row["reasons"]), words, now) for row in rows or ()}
        values = {"brand": brand, "rows": rows, "brands": brands, "endorsers": told}
        return self._pages.page(request, "influencers.html", now, values)

    async def posts(self, request: web.Request) -> web.Response:
        """Posts with some words, the newest first."""
        asked: dict[str, Any] = {
            "words": request.query.get("words", "").strip()[:_LONGEST],
            "brand": request.query.get("brand", ""),
            "negative": int(request.query.get("negative", "") == "1"),
            "hours": _number(request.query.get("hours", ""), 24, MOST_HOURS),
        }
        rows, brands = await asyncio.gather(self._reader.section(questions.FOUND, asked), self._brand_names())
        return self._pages.page(request, "posts.html", _now(), {**asked, "rows": rows, "brands": brands})

    async def dead_letters(self, request: web.Request) -> web.Response:
        """What could not be used: counts, and the newest; payloads for administrators only."""
        groups, letters = await asyncio.gather(
            self._reader.section(questions.REJECTED), self._reader.section(questions.LETTERS)
        )
        values = {"groups": groups, "letters": letters, "payloads": request[PERSON].may("admin")}
        return self._pages.page(request, "dead_letters.html", _now(), values)

    async def health(self, request: web.Request) -> web.Response:
        """How far the partitions are read, and how the workers are."""
        partitions, workers = await asyncio.gather(self._reader.section(questions.PARTITIONS), self._workers.look())
        return self._pages.page(request, "health.html", _now(), {"partitions": partitions, "workers": workers})

    async def _brand_names(self) -> list[str]:
        rows = await self._reader.section(questions.BRAND_NAMES)
        return [str(row["brand"]) for row in rows or ()]


def _local(path: str) -> str:
    """``path`` if it stays on this site, else the beginning."""
    stays = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if stays else "/incidents"


def _number(text: str, otherwise: int, most: int) -> int:
    return (
        min(max(int(text), 1), most)
        if text.isascii() and text.isdigit() and len(text) < len(str(most)) + 1
        else otherwise
    )


def _now() -> int:
    return int(time.time() * 1000)
