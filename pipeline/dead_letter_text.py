"""One dead letter as an operator reads it, whatever strangers put into it."""

from datetime import UTC, datetime

import msgspec

from pipeline.dead_letter_queue import Letter
from pipeline.quoting import clip, one_line

SHOWN = 8_000  # characters of a payload
HEADER_SHOWN = 300  # characters of a header


def told(one: Letter, *, replayed: bool) -> list[str]:
    """A letter in lines that are safe to show at a terminal."""
    said = one.rejected
    at = datetime.fromtimestamp(said.at / 1000, UTC).isoformat(timespec="milliseconds")
    kept = "whole" if one.whole else f"cut to {len(one.value):,}, so it cannot be replayed"
    lines = [
        f"{one.address}: dead letter of {one_line(str(one.origin))}",
        f"written   {at}",
        f"reason    {one_line(said.reason)}: {clip(said.detail, HEADER_SHOWN)}",
        f"attempts  {one.attempts}{', replayed since' if replayed else ''}",
        f"key       {'none' if one.key is None else clip(_text(one.key), HEADER_SHOWN)}",
        f"payload   {said.bytes:,} bytes, {kept}",
        "",
    ]
    lines += (f"{one_line(name)}: {clip(_text(value or b''), HEADER_SHOWN)}" for name, value in one.headers)
    return [*lines, "", *pretty(one.value)]


def pretty(payload: bytes) -> list[str]:
    """A payload in lines: JSON indented, anything else as it is; what is no text or drives a terminal is replaced."""
    try:
        text = _text(msgspec.json.format(payload, indent=2))
    except (msgspec.DecodeError, RecursionError):
        text = _text(payload)
    lines = [one_line(line) for line in text[:SHOWN].split("\n")]
    return [*lines, f"... {len(text) - SHOWN:,} more characters"] if len(text) > SHOWN else lines


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
