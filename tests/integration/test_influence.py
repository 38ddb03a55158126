"""``tocsin influence``, as a user runs it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

GOOD = b"1 9 1341100972 RT\n2 9 1341100973 MT\n2 8 1341100974 RE\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents", "influence", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def authors(result: subprocess.CompletedProcess[str]) -> list[str]:
    return [json.loads(line)["author"] for line in result.stdout.splitlines()]


def test_authors_are_ranked_plain_or_compressed(tmp_path: Path) -> None:
    plain, packed = tmp_path / "events", tmp_path / "events.gz"
    plain.write_bytes(GOOD)
    packed.write_bytes(gzip.compress(GOOD))
    result = run("--events", str(plain))

    assert authors(result) == ["9", "8"]
    assert set(json.loads(result.stdout.splitlines()[0])) == {"author", "lasting", "spreading", "h"}
    assert run("--events", str(packed)).stdout == result.stdout


def test_bad_lines_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    file = tmp_path / "events"
    bad = [b"", b"1 9 NaN RT", b"1 9 -5 RT", b"1 9 99999999999999999999 RT", b"1 9 5 XX", b"1 9", b"\xff 9 5 RT", b"\0"]
    file.write_bytes(b"\n".join([*bad, GOOD]) + b"2 2 1341100975 RT\n5 7 1341100000 RT")
    result = run("--events", str(file))

    assert authors(result) == ["9", "7", "8"]
    assert [f"line {number}:" in result.stderr for number in range(1, 10)] == [False, *[True] * 7, False]
    assert "1 of 5 interactions go back in time" in result.stderr
    assert "1 of 5 interactions are of an account with itself" in result.stderr
    assert result.returncode == 0


def test_a_time_ends_the_reading(tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.write_bytes(GOOD)

    assert authors(run("--events", str(file), "--at", "1341100972")) == ["9"]


def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    damaged = tmp_path / "events.gz"
    damaged.write_bytes(gzip.compress(GOOD)[:-9])
    gone, broken = run("--events", str(tmp_path / "none")), run("--events", str(damaged))

    assert gone.returncode == broken.returncode == 2
    assert "No such file" in gone.stderr
    assert "damaged" in broken.stderr
    assert "Traceback" not in gone.stderr + broken.stderr
