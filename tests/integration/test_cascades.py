"""``tocsin cascades``, as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

START = 1_341_100_000


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents", "cascades", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_cascades_are_told_with_what_is_to_come_and_bad_lines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "events"
    slowing = [f"fan{number} 88 {START + number * 10} RT" for number in range(100)]
    small = [f"{number} 7 {START + number * 10} RT" for number in range(3)]
    file.write_text("\n".join([*slowing, *small, "1 88 NaN RT", "88 88 1341100000 RT", "5 88 1341100000 MT"]) + "\n")
    result = run("--events", str(file), "--at", str(START + 3_700))
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]

    assert list(told) == ["root", "size", "speed_per_h", "doubling_s", "expected", "low", "high", "growing"]
    assert (told["root"], told["size"], told["growing"]) == ("88", 100, False)
    assert 0 <= told["low"] <= told["expected"] <= told["high"]
    assert "line 104: time 'NaN'" in result.stderr
    assert "1 of 105 interactions are of an account with itself" in result.stderr
    assert result.returncode == 0


def test_a_file_that_is_not_there_is_said_in_a_line() -> None:
    gone = run("--events", "/nowhere/at/all")

    assert gone.returncode == 2
    assert "No such file" in gone.stderr
    assert "Traceback" not in gone.stderr
