"""A file of rules is read when it has changed and was left alone for a look; what is broken changes nothing."""

from pathlib import Path

import pytest

from agents.rules_file import RulesFile
from pipeline.watchlist import parse

TEXT = "brands:\n  - {id: acme, aliases: [acme]}\nrules:\n  min_authors: %d\n"
ONE = parse(TEXT % 1, "w")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "watchlist.yaml"
    file.write_text(TEXT % 1, encoding="utf-8")
    return file


def looks(file: RulesFile, count: int = 2) -> list[bool]:
    return [file.look() for _ in range(count)]


def test_a_file_as_the_worker_read_it_has_not_changed(path: Path):
    assert looks(RulesFile(path, ONE), 3) == [False] * 3


def test_a_change_is_seen_once_and_a_look_after_the_last_write(path: Path):
    file = RulesFile(path, ONE)
    looks(file)
    path.write_text(TEXT % 22, encoding="utf-8")
    first = file.look()
    path.write_text(TEXT % 333, encoding="utf-8")

    assert [first, *looks(file, 3)] == [False, False, True, False]
    assert file.watchlist == parse(TEXT % 333, "w")


def test_half_a_file_is_not_read_while_it_is_being_written(path: Path):
    file = RulesFile(path, ONE)
    looks(file)
    whole = TEXT % 5
    for end in range(40, len(whole) + 1):
        path.write_text(whole[:end], encoding="utf-8")

        assert not file.look()
        assert (file.watchlist, file.problem) == (ONE, "")
    assert file.look()


def test_other_comments_are_no_change(path: Path):
    file = RulesFile(path, ONE)
    path.write_text(TEXT % 1 + "# a comment\n", encoding="utf-8")

    assert looks(file, 3) == [False] * 3


@pytest.mark.parametrize("content", [b"brands: [", b"\xff\xfe", b"", b"brands: [{id: acme, colour: red}]"])
def test_what_is_broken_says_so_until_it_is_mended_and_changes_nothing(path: Path, content: bytes):
    file = RulesFile(path, ONE)
    looks(file)
    path.write_bytes(content)

    assert looks(file, 3) == [False] * 3
    assert file.watchlist == ONE
    assert file.problem

    path.write_text(TEXT % 1, encoding="utf-8")

    assert looks(file, 3) == [False] * 3
    assert file.problem == ""


def test_a_file_that_is_gone_and_back_is_fine_again(path: Path):
    file = RulesFile(path, ONE)
    looks(file)
    path.rename(path.with_suffix(".away"))
    gone = looks(file)
    problem = file.problem
    path.with_suffix(".away").rename(path)

    assert gone == [False, False]
    assert "No such file" in problem
    assert looks(file) == [False, False]
    assert file.problem == ""


def test_the_first_list_of_a_file_that_was_broken_at_the_start_is_no_change(path: Path):
    file = RulesFile(path, None)

    assert looks(file) == [False, False]
    assert file.watchlist == ONE
