"""``tocsin detect`` over files: what it answers, what it refuses, and that one bad file stops no other."""

import json
from pathlib import Path
from random import Random

import pytest

from tests.fakes.command_line import Run, run_in_process

__all__ = ["run_in_process"]

DAY = 288


def stamp(place: int, step: int = 5) -> str:
    minutes = place * step
    return f"2025-03-{1 + minutes // 1440:02d} {minutes // 60 % 24:02d}:{minutes % 60:02d}:00"


def counts(path: Path, *, burst_at: int = 5 * DAY) -> Path:
    rng = Random(1)
    rows = [
        f"{stamp(at)},{rng.randint(10, 30) * (12 if burst_at <= at < burst_at + 20 else 1)}" for at in range(6 * DAY)
    ]
    path.write_text("\n".join(["timestamp,value", *rows]) + "\n", encoding="utf-8")
    return path


def crisis(path: Path, *, bad_at: int = 5 * DAY) -> Path:
    rng = Random(2)
    rows = []
    for at in range(6 * DAY):
        bad = sum(rng.random() < (0.8 if at >= bad_at else 0.15) for _ in range(20))
        rows.append(f"{stamp(at)},20,{bad}")
    path.write_bytes(("\ufefftimestamp,posts,negatives\r\n" + "\r\n".join(rows)).encode())
    return path


def test_every_row_of_a_series_gets_a_score_and_a_burst_one_above_a_half(run: Run, tmp_path: Path) -> None:
    ended = run("detect", str(counts(tmp_path / "a.csv")), "--out", str(tmp_path / "out"))
    rows = [line.split(",") for line in (tmp_path / "out" / "a.csv").read_text("utf-8").splitlines()]
    asked = [line.split(",") for line in (tmp_path / "a.csv").read_text("utf-8").splitlines()]
    loud = [place for place, row in enumerate(rows[1:]) if float(row[2]) >= 0.5]

    assert (ended.status, ended.err) == (0, "")
    assert rows[0] == ["timestamp", "value", "anomaly_score"]
    assert [row[:2] for row in rows] == asked
    assert len(loud) == 1
    assert 5 * DAY <= loud[0] < 5 * DAY + 4


def test_a_crisis_becomes_lines_of_json_in_the_file_s_own_time(run: Run, tmp_path: Path) -> None:
    ended = run("detect", str(crisis(tmp_path / "b.csv")), "--out", str(tmp_path / "out"))
    alarms = [json.loads(line) for line in (tmp_path / "out" / "b.csv").read_text("utf-8").splitlines()]

    assert ended.status == 0
    assert list(alarms[0]) == ["at", "rule", "score", "observed", "expected", "since"]
    assert alarms[0]["at"] == "2025-03-06 00:05:00"
    assert alarms[0]["since"] == "2025-03-06 00:00:00"
    assert {alarm["rule"] for alarm in alarms} == {"complaint_volume", "negative_share"}


def test_a_file_that_cannot_be_read_is_named_by_line_and_the_others_go_on(run: Run, tmp_path: Path) -> None:
    good, bad = counts(tmp_path / "good.csv"), tmp_path / "bad.csv"
    bad.write_text("timestamp,value\n2025-03-01,1\n2025-03-01 00:05,-4\n", encoding="utf-8")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    ended = run(
        "detect",
        str(bad),
        str(tmp_path / "no.csv"),
        str(tmp_path / "binary.csv"),
        str(good),
        "--out",
        str(tmp_path / "out"),
    )

    assert ended.status == 1
    assert f"{bad}: line 3: value is '-4'" in ended.err
    assert "no.csv: No such file" in ended.err
    assert "binary.csv: line 1: not UTF-8" in ended.err
    assert "3 of 4 files could not be judged" in ended.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.csv"]


def test_a_header_alone_has_an_answer_without_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("timestamp,value\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("timestamp,posts,negatives\n", encoding="utf-8")
    ended = run("detect", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--out", str(tmp_path / "out"))

    assert ended.status == 0
    assert (tmp_path / "out" / "a.csv").read_text("utf-8") == "timestamp,value,anomaly_score\n"
    assert (tmp_path / "out" / "b.csv").read_text("utf-8") == ""


def test_rows_out_of_order_are_judged_in_order_and_told_where_they_stood(run: Run, tmp_path: Path) -> None:
    head, *rows = counts(tmp_path / "a.csv").read_text("utf-8").splitlines()
    Random(4).shuffle(rows)
    (tmp_path / "b.csv").write_text("\n".join([head, *rows, rows[0]]), encoding="utf-8")
    ended = run("detect", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--out", str(tmp_path / "out"))
    straight, shuffled = ((tmp_path / "out" / name).read_text("utf-8").splitlines() for name in ("a.csv", "b.csv"))

    assert "rows go back in time; they are judged in order" in ended.err
    assert "1 rows repeat a time; they are added up" in ended.err
    assert [line.rsplit(",", 1)[0] for line in shuffled[1:]] == [*rows, rows[0]]
    assert {line for line in shuffled if line.endswith((".750000", ".500000"))} == {
        line for line in straight if line.endswith((".750000", ".500000"))
    }


def test_minutes_in_longer_buckets_are_judged_like_the_buckets(run: Run, tmp_path: Path) -> None:
    rng = Random(7)
    minutes = [rng.randint(0, 6) * (12 if 25 <= at // 60 < 27 else 1) for at in range(28 * 60)]
    fine = [f"{stamp(at, 1)},{count}" for at, count in enumerate(minutes)]
    coarse = [f"{stamp(at // 5)},{sum(minutes[at : at + 5])}" for at in range(0, len(minutes), 5)]
    for name, rows in (("fine.csv", fine), ("coarse.csv", coarse)):
        (tmp_path / name).write_text("\n".join(["timestamp,value", *rows]), encoding="utf-8")
    for name in ("fine.csv", "coarse.csv"):
        run("detect", str(tmp_path / name), "--out", str(tmp_path / "out"), "--bucket", "300")
    scores = {
        name: [line.rsplit(",", 1)[1] for line in (tmp_path / "out" / name).read_text("utf-8").splitlines()[1:]]
        for name in ("fine.csv", "coarse.csv")
    }

    assert scores["fine.csv"][4::5] == scores["coarse.csv"]
    assert {score for at, score in enumerate(scores["fine.csv"]) if at % 5 != 4} == {"0.000000"}
    assert max(map(float, scores["coarse.csv"])) >= 0.5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--bucket", "5"), "--bucket 5: write 10 to 3,600 seconds"),
        (("--budget", "0"), "--budget 0: write a number above 0"),
        (("--zone", "Mars/Olympus"), "--zone Mars/Olympus: no IANA time zone"),
    ],
)
def test_an_option_out_of_range_says_what_to_write(run: Run, tmp_path: Path, arguments, complaint) -> None:
    ended = run("detect", str(counts(tmp_path / "a.csv")), "--out", str(tmp_path / "out"), *arguments)

    assert ended.status == 2
    assert complaint in ended.err


def test_no_answer_overwrites_a_question_or_another_answer(run: Run, tmp_path: Path) -> None:
    one = counts(tmp_path / "a.csv")
    (tmp_path / "other").mkdir()
    same = run("detect", str(one), "--out", str(tmp_path))
    twice = run("detect", str(one), str(counts(tmp_path / "other" / "a.csv")), "--out", str(tmp_path / "out"))

    assert "would be overwritten; name another folder" in same.err
    assert "have one name; their answers would overwrite each other" in twice.err
    assert (same.status, twice.status) == (2, 2)
