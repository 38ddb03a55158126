"""Discovery: a plug-in is a module dropped into a package; nothing else needs to be told."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any


def plugins(package: ModuleType, export: str) -> Mapping[str, Any]:
    """What every public module of ``package`` exports under the name ``export``, by module name, in sorted order.

    Modules whose name starts with an underscore are not plug-ins.

    Raises:
        AttributeError: A public module lacks the export.
    """
    return MappingProxyType(
        {name: getattr(import_module(f"{package.__name__}.{name}"), export) for name in names(package)}
    )


def names(package: ModuleType) -> list[str]:
    """The plug-ins of a package, in sorted order; none is imported for it."""
    return sorted(module.name for module in iter_modules(package.__path__) if not module.name.startswith("_"))
