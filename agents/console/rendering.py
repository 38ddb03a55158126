"""Pages from templates: escaped by default, in the reader's language, with static files under names that change."""

import mimetypes
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from importlib import resources
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from agents.console.gate import PERSON, Gate
from pipeline.console.language import language
from pipeline.console.standing import CONSOLE
from pipeline.figures import amount, clock, duration, moment, share
from pipeline.languages import TAGS
from pipeline.page_names import facet, name
from pipeline.page_text import LANGUAGES
from pipeline.quoting import clip, link
from pipeline.wording import Wording

COOKIE = "tocsin_language"
FOREVER = "public, max-age=31536000, immutable"


class Pages:
    """Renders for one console. ``otherwise`` is the language of whoever asks for none that we have."""

    def __init__(self, gate: Gate, otherwise: str) -> None:
        self._gate, self._otherwise = gate, otherwise
        folder = resources.files("agents.console") / "static"
        self._files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        self._versions = {name: sha256(body).hexdigest()[:12] for name, body in self._files.items()}
        self._environment = Environment(
            loader=PackageLoader("agents.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._environment.filters.update(
            amount=amount, clip=clip, iso=_iso, link=link, moment=moment, percent=share, segment=partial(quote, safe="")
        )

    def language(self, request: web.Request) -> str:
        """The language of the reader, a key of TAGS."""
        return language(request.cookies.get(COOKIE, ""), request.headers.get("Accept-Language", ""), self._otherwise)

    def page(
        self, request: web.Request, template: str, now: int, values: Mapping[str, Any], status: int = 200
    ) -> web.Response:
        """``template`` with ``values`` and all that every page needs; ``now`` is ms since 1970."""
        known = {**self._known(request, now), **values}
        text = self._environment.get_template(template).render(known)
        response = web.Response(text=text, content_type="text/html", status=status)
        response.headers["Cache-Control"] = "no-store"
        response.enable_compression()
        return response

    def _known(self, request: web.Request, now: int) -> dict[str, Any]:
        spoken, person = self.language(request), request.get(PERSON)
        words = LANGUAGES[spoken]
        return {
            "w": CONSOLE[spoken],
            "tag": TAGS[spoken],
            "others": [(key, TAGS[key], known.own) for key, known in CONSOLE.items() if key != spoken],
            "now": now,
            "person": person,
            "csrf": self._gate.seal(request) if person else "",
            "here": request.path_qs,
            "section": request.path.split("/")[1],
            "asks_tokens": self._gate.asks_tokens,
            "stale": False,
            "static": self._static,
            "named": partial(_named, words),
            "part": partial(_part, words),
            "clock": partial(_clock, now),
            "span": partial(_span, words),
        }

    def _static(self, name: str) -> str:
        return f"/static/{self._versions[name]}/{name}"

    async def file(self, request: web.Request) -> web.Response:
        """A static file; another version under an old name is the file all the same, kept by nobody."""
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        current = request.match_info["version"] == self._versions[name]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        response = web.Response(body=self._files[name], content_type=kind, charset="utf-8")
        response.headers["Cache-Control"] = FOREVER if current else "no-cache"
        response.enable_compression()
        return response


def _named(words: Wording, word: str) -> str:
    return name(word, words)


def _part(words: Wording, of: str) -> str:
    return facet(of, words)


def _clock(now: int, ms: int) -> str:
    return clock(ms, now)


def _span(words: Wording, ms: int) -> str:
    return duration(ms, words.durations)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="seconds")
