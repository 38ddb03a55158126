"""The groups of measurements: each module of this package that has ``measures()``, or ``measures(sizes)``."""

import inspect
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tests.bench.report import Measure
from tests.bench.sizes import Sizes

_HERE = Path(__file__).parent


def groups() -> dict[str, ModuleType]:
    """Modules with measurements, by name."""
    modules = [file.stem for file in sorted(_HERE.glob("*.py")) if not file.stem.startswith("_")]
    found = {name: import_module(f"tests.bench.{name}") for name in modules}
    return {name: module for name, module in found.items() if callable(getattr(module, "measures", None))}


def measured(group: Callable[..., Sequence[Measure]], sizes: Sizes) -> Sequence[Measure]:
    """What a group measures; one that cannot be made quick is measured fully."""
    return group(sizes) if inspect.signature(group).parameters else group()
