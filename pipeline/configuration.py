"""The digest that alerts carry: of the watch list, its rules, and the constants of all that judges by them.

Checkpoints that ``tocsin verify`` begins at carry another, of all that makes the bytes of what watch says.
"""

from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import msgspec

from pipeline import (
    account,
    clusters,
    detectors,
    drivers,
    evidence,
    holding,
    incident_steps,
    incidents,
    leaders,
    orders,
    parts,
    policy,
    series,
    silences,
    sketch,
)
from pipeline.page_text import LANGUAGES
from pipeline.watchlist_entries import WatchList

DIGITS = 12  # hexadecimal

_JUDGES = (
    series, parts, incidents, incident_steps, policy, orders, silences, holding, account, clusters, drivers, evidence,
    leaders, sketch,
)  # fmt: skip


def rules_digest(watchlist: WatchList) -> str:
    """Hex digits that change with the meaning of the file, and with the detectors of another version of Tocsin."""
    return sha256(f"{watchlist.digest()} {DETECTORS_DIGEST}".encode()).hexdigest()[:DIGITS]


def constants(module: ModuleType) -> Iterator[bytes]:
    """Name and value of every constant of a module, by name; of a type that is no JSON the name counts alone."""
    for name, value in sorted(vars(module).items()):
        if name.isupper():
            yield name.encode() + b"=" + _encoded(value)


def _encoded(value: object) -> bytes:
    try:
        return msgspec.json.encode(value, order="deterministic")
    except (TypeError, ValueError):
        return b"?"


def _digest() -> str:
    names = sorted(module.name for module in iter_modules(detectors.__path__))
    judges = [*(import_module(f"{detectors.__name__}.{name}") for name in names), *_JUDGES]
    hashed = sha256()
    for module in judges:
        for constant in constants(module):
            hashed.update(module.__name__.encode() + b" " + constant + b"\n")
    return hashed.hexdigest()[:DIGITS]


def _told() -> str:
    words = msgspec.json.encode(dict(LANGUAGES), order="deterministic")
    return sha256(DETECTORS_DIGEST.encode() + b" " + words).hexdigest()[:DIGITS]


DETECTORS_DIGEST = _digest()
TOLD_DIGEST = _told()  # pages are written by watch: other words of another version are no fault of the log
