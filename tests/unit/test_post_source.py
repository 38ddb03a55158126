"""Files of posts as they lie about: any order, any encoding, and no row lost silently."""

from pathlib import Path

import pytest

from agents.post_source import read_posts
from pipeline.post_files import CsvMap, Unusable
from schemas.codec import Decoder, encode
from schemas.post import SocialPost

AT = 1_800_000_000_000
POSTS: Decoder[SocialPost] = Decoder(SocialPost)


def post(uid: str, at: int) -> bytes:
    return encode(SocialPost(post_uid=uid, platform="x", channel="microblog", text="Acme", event_time=at))


def unexpected(row: Unusable) -> None:
    pytest.fail(f"row {row.row}: {row.reason}")


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json", ".JSONL"])
def test_jsonl_is_known_by_its_name_and_sorted_by_event_time(tmp_path: Path, suffix: str):
    file = tmp_path / f"posts{suffix}"
    file.write_bytes(b"\n".join([post("x:late", AT + 5), post("x:early", AT), b""]))

    assert [one.value for one in read_posts(file, CsvMap(), unexpected)] == [
        post("x:early", AT),
        post("x:late", AT + 5),
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with byte order mark"])
def test_csv_is_everything_else_and_cells_may_hold_newlines(tmp_path: Path, mark: bytes):
    file = tmp_path / "posts.csv"
    file.write_bytes(mark + 'text,time\r\n"two\nlines",2027-01-15T08:00:05Z\r\n你好,2027-01-15T08:00:00Z\r\n'.encode())
    decoded = [POSTS.decode(one.value) for one in read_posts(file, CsvMap(), unexpected)]

    assert [one.text for one in decoded if isinstance(one, SocialPost)] == ["你好", "two\nlines"]


def test_rows_that_cannot_be_posts_are_told_and_the_rest_is_read(tmp_path: Path):
    file, told = tmp_path / "posts.csv", list[Unusable]()
    file.write_bytes(b"text,time\nfine,2027-01-15T08:00:00Z\n,2027-01-15T08:00:00Z\nfine,yesterday\n\xff,2027-01-15\n")
    posts = read_posts(file, CsvMap(), told.append)

    assert [row.row for row in told] == [2, 3]
    assert len(posts) == 2


def test_a_header_without_text_or_time_is_refused(tmp_path: Path):
    file = tmp_path / "posts.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no column for the text, the time"):
        read_posts(file, CsvMap(), unexpected)


@pytest.mark.parametrize("name", ["absent.csv", "absent.jsonl"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str):
    with pytest.raises(FileNotFoundError, match=name):
        read_posts(tmp_path / name, CsvMap(), unexpected)
