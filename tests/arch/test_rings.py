"""The rings, the budgets and the words of the house."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RINGS = ("schemas", "pipeline", "agents")
SOURCES = sorted(path for ring in RINGS for path in (ROOT / ring).rglob("*.py"))
MOST_LINES = 220  # of a file
MOST_FUNCTION_LINES = 45
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "manager", "misc"}
MACHINE_PATHS = (f"{ROOT}/", f"{Path.home()}/")  # of whoever runs this


def tracked_texts() -> list[Path]:
    """What git tracks or would track; binary files say nothing."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1024]]


def long_functions(path: Path) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{path.name}:{node.lineno} {node.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, functions) and (node.end_lineno or node.lineno) - node.lineno >= MOST_FUNCTION_LINES
    ]


def test_imports_point_inward() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_fits_on_a_few_screens(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_function_fits_on_one_screen(path: Path) -> None:
    assert long_functions(path) == []


def test_every_module_is_named_for_what_it_holds() -> None:
    assert [path for path in SOURCES if path.stem.strip("_") in NAMES_THAT_SAY_NOTHING] == []


def test_no_text_names_a_path_of_one_machine() -> None:
    guilty = [
        f"{path.relative_to(ROOT)} names {place}"
        for path in tracked_texts()
        for place in MACHINE_PATHS
        if place in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert guilty == []
