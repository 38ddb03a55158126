"""Voices as the influence stage tells them, and the signals that listen makes of posts."""

from collections.abc import Iterable

import msgspec

from pipeline.stage import Output
from schemas.endorsement import Voice
from schemas.signal import Signal
from schemas.topics import SIGNALS
from tests.builders import START


def voice(author: str, brand: str = "", at: int = 0, size: float = 100.0) -> Voice:
    """A sum of a day of ``size``, all of it by trusted accounts, and a little of the last hour."""
    return Voice(author_key=author, brand=brand, at=START + at, every=(size, 0.0, 2.0), trusted=(size, 0.0, 1.0))


def signals(outputs: Iterable[Output]) -> list[Signal]:
    """All signals, in order."""
    blocks = [one.value or b"" for one in outputs if one.topic == SIGNALS.name]
    lines = [line for block in blocks for line in block.split(b"\n") if line]
    return [msgspec.json.decode(line, type=Signal) for line in lines]
