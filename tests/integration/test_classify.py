"""``tocsin classify`` in a process of its own, at the end of real pipes."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.command_line import Run, run_in_process  # noqa: F401  # a fixture

PATIENCE_S = 60  # for a start of Python on a busy machine
COMMAND = [sys.executable, "-c", "from agents.cli import main; main()", "classify"]
POSTS = ["bad kettle, it exploded and burned my hand", "the shop opens at nine", "我要求退款,客服没人理"]
DEV = Path(__file__).parents[1] / "text" / "dev.jsonl"


def classified(sent: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *options], input=sent, capture_output=True, check=False, timeout=PATIENCE_S * 2)


def lines(*posts: object) -> bytes:
    return b"".join(json.dumps(post, ensure_ascii=False).encode() + b"\n" for post in posts)


def line_of(stream: int) -> bytes:
    """What comes up to the end of the next line."""
    read = b""
    while not read.endswith(b"\n"):
        assert select.select([stream], [], [], PATIENCE_S)[0], f"nothing after {read!r}"
        read += os.read(stream, 1)
    return read


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(COMMAND, **pipes) as running:
        yield running
        running.kill()


def test_every_line_is_answered_in_order_and_the_input_may_end_without_a_line_end():
    sent = lines(*({"id": number, "text": POSTS[number % 3]} for number in range(1_203)))
    ended = classified(sent.rstrip())
    answers = [json.loads(line) for line in ended.stdout.splitlines()]

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert [answer["id"] for answer in answers] == list(range(1_203))
    assert [answer["severity"] for answer in answers[:3]] == [3, 0, 2]
    assert {answer["fingerprint"] for answer in answers[::3]} == {answers[0]["fingerprint"]}


def test_what_cannot_be_read_is_said_in_its_place_and_the_rest_goes_on():
    sent = b"\n".join([
        b'{"id":"a","text":"' + b"x" * 10_000_000 + b'"}', b"", b"\xff\xfe", b"nonsense", b'{"id":"b","text":"bad"}',
    ])  # fmt: skip
    ended = classified(sent)
    answers = [json.loads(line) for line in ended.stdout.splitlines()]

    assert ended.returncode == 0
    assert [answer["id"] for answer in answers] == [1, 2, 3, 4, "b"]
    assert ["error" in answer for answer in answers] == [True, True, True, True, False]
    assert b"5 posts" in ended.stderr
    assert b"4 could not be read" in ended.stderr


@pytest.mark.parametrize(("sent", "status"), [(b"nonsense\n", 1), (b'{"text":"a"}\n', 0), (b"", 0)])
def test_strict_tells_by_the_status(sent: bytes, status: int):
    assert classified(sent, "--strict").returncode == status


def test_an_answer_does_not_wait_for_posts_that_may_not_come(process: subprocess.Popen[bytes]):
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(2):
        process.stdin.write(lines({"id": number, "text": "bad"}))
        process.stdin.flush()

        assert json.loads(line_of(process.stdout.fileno()))["id"] == number
    assert process.poll() is None


def test_a_reader_that_has_enough_ends_it_quietly(process: subprocess.Popen[bytes]):
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(lines({"id": 0, "text": "bad"}))
    process.stdin.flush()
    line_of(process.stdout.fileno())
    process.stdout.close()
    process.stdin.write(lines({"id": 1, "text": "bad"}))
    process.stdin.close()

    assert process.wait(PATIENCE_S) == 0
    assert process.stderr.read() == b""


def test_a_large_input_tells_its_progress_when_the_answers_are_not_on_the_terminal():
    sent = lines(*({"text": POSTS[number % 3]} for number in range(10_000)))
    small, large = classified(sent[: len(sent) // 20]), classified(sent)

    assert small.stderr.count(b"\n") <= 1
    assert b"10,000 posts" not in small.stderr
    assert b"10,000 posts, " in large.stderr
    assert b"0 could not be read" in large.stderr


def test_whoever_types_at_a_terminal_is_told_what_is_expected():
    ours, theirs = pty.openpty()
    with subprocess.Popen(COMMAND, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        os.close(theirs)
        assert running.stderr is not None
        assert running.stdout is not None
        told = line_of(running.stderr.fileno())
        os.write(ours, lines({"id": "t", "text": "bad"}))
        answer = line_of(running.stdout.fileno())
        os.write(ours, b"\x04")

        assert running.wait(PATIENCE_S) == 0
    os.close(ours)

    assert b"Ctrl-D" in told
    assert json.loads(answer)["id"] == "t"


def test_evaluating_prints_tables(run: Run):
    ended = run("classify", "--evaluate", str(DEV))

    assert (ended.status, ended.err) == (0, "")
    for shown in (
        "240 posts",
        "complaint_macro_f1",
        "severity3_recall",
        "double_negation",
        "zh-Hant",
        "product_quality",
    ):
        assert shown in ended.out


def test_evaluating_for_machines_prints_one_object(run: Run, tmp_path: Path):
    file = tmp_path / "labelled.csv"
    file.write_text("text,label\nthe service was awful and rude,neg\nI love it,pos\n", encoding="utf-8")
    measured = json.loads(run("classify", "--evaluate", str(file), "--json").out)

    assert measured == {
        "n": 2, "sentiment_accuracy": 1.0, "sentiment_macro_f1": 1.0, "sentiment_macro_recall": 1.0,
        "sentiment_f1": {"neg": 1.0, "pos": 1.0},
    }  # fmt: skip


def test_it_measures_what_it_answers(run: Run):
    """The measures of a file are those of the answers to it."""
    measured = json.loads(run("classify", "--evaluate", str(DEV), "--json").out)
    answers = [json.loads(line) for line in classified(DEV.read_bytes()).stdout.splitlines()]
    labels = [json.loads(line) for line in DEV.read_bytes().splitlines()]
    right = sum(answer["sentiment"] == label["sentiment"] for answer, label in zip(answers, labels, strict=True))
    found = sum(
        answer["complaint_p"] >= 0.5 and label["complaint"] for answer, label in zip(answers, labels, strict=True)
    )

    assert measured["sentiment_accuracy"] == pytest.approx(right / len(labels))
    assert measured["complaint_recall"] == pytest.approx(found / sum(label["complaint"] for label in labels))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--weights", "best"), "there are no weights called 'best'; there are clean, full"),
        (("--json",), "--json belongs to --evaluate"),
        (("--evaluate", "absent.jsonl"), "absent.jsonl"),
        (("--evaluate", "wrong.jsonl"), "wrong.jsonl: line 1: "),
        (("--evaluate", "wrong.csv"), "wrong.csv: no column label"),
        (("--evaluate", "."), "Is a directory"),
    ],
)
def test_what_a_user_can_mend_is_said_in_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...], said: str
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.jsonl").write_text('{"text": 1}\n', encoding="utf-8")
    (tmp_path / "wrong.csv").write_text("text\na\n", encoding="utf-8")
    ended = run("classify", *options)

    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert ended.err.startswith("tocsin: ")
    assert said in ended.err
