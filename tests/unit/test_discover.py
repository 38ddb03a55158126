"""Discovery of plug-ins."""

import sys
from types import ModuleType

import pytest

from pipeline.discover import plugins


@pytest.fixture
def package(tmp_path, monkeypatch) -> ModuleType:
    """A package with the plug-ins ``zinc`` and ``amber``, and a private module."""
    folder = tmp_path / "minerals"
    folder.mkdir()
    for name, text in {"__init__": "", "zinc": "STONE = 30", "amber": "STONE = 0", "_base": ""}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("minerals")
    for name in [name for name in sys.modules if name.partition(".")[0] == "minerals"]:
        del sys.modules[name]


def test_every_public_module_is_found_in_sorted_order(package):
    assert list(plugins(package, "STONE").items()) == [("amber", 0), ("zinc", 30)]


def test_a_module_without_the_export_is_named(package):
    with pytest.raises(AttributeError, match=r"minerals\.amber"):
        plugins(package, "METAL")


def test_nobody_can_add_to_what_was_found(package):
    found = plugins(package, "STONE")

    with pytest.raises(TypeError):
        found["glass"] = 1
