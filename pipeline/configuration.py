"""The digest that alerts carry: of the watch list, its rules, and the constants of all that judges by them."""

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


DETECTORS_DIGEST = _digest()
