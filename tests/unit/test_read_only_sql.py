"""One reading statement passes; anything that could write, read files or reach out does not."""

import pytest

from agents.read_only_sql import Banned, NotReading, check

BANNED = Banned(words=frozenset({"outfile", "file"}), calls=frozenset({"url", "s3"}))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select 'it''s; \\'file\\'' as x -- file(\n",
        "(SELECT 1) UNION ALL (SELECT 2);",
        "WITH 1 AS x SELECT x # file\n",
        "SHOW TABLES",
        "DESCRIBE TABLE signals",
        "DESC signals",
        "EXISTS signals",
        "EXPLAIN SELECT url FROM signals",
        "SELECT `url`, \"a;b\" FROM signals /* ; file() */ WHERE text = 'INTO OUTFILE' ;;",
        "SELECT {brand:String}, count() FROM signals WHERE event_time > now() - INTERVAL 1 DAY",
        "SELECT '中文', 1e-5, 0x1F, t.1, a ? b : c, [1, 2][1] FROM t",
    ],
)
def test_a_reading_statement_passes(sql: str) -> None:
    assert check(sql, BANNED) is None


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "-- nothing",
        "INSERT INTO signals VALUES (1)",
        "DROP TABLE signals",
        "SET readonly = 0",
        "USE system",
        "SYSTEM SHUTDOWN",
        "KILL QUERY WHERE 1",
        "SELECT 1; DROP TABLE signals",
        "SELECT 1 /* ; */ ; SELECT 2",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1 into /* c */ outfile '/tmp/x'",
        "SELECT file('/etc/passwd')",
        "SELECT `file`('/etc/passwd')",
        "SELECT \"file\" /* c */ ('/etc/passwd')",
        "SELECT arrayMap(file, ['/etc/passwd'])",
        "SELECT * APPLY file FROM t",
        "DESCRIBE TABLE url('http://10.0.0.1/')",
        "SELECT * FROM Url /**/ ('http://10.0.0.1/')",
        "SELECT * FROM s3('http://10.0.0.1/')",
    ],
)
def test_a_statement_that_does_more_than_read_is_refused(sql: str) -> None:
    with pytest.raises(NotReading):
        check(sql, BANNED)


@pytest.mark.parametrize(
    "sql",
    [
        r"SELECT `fil\x65`('/etc/passwd')",
        "SELECT $$a$$, file('/etc/passwd') $$b$$",
        "SELECT 1 /* /* ' */ */, file('/etc/passwd') -- '",
        "SELECT ‘ ' ’, file('/etc/passwd') -- '",
        "SELECT 'unterminated",
        "SELECT 1 /* unterminated",
        "SELECT 1\0; SELECT 2",
        "SELECT '\0'",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(sql: str) -> None:
    with pytest.raises(NotReading, match="cannot be read safely"):
        check(sql, BANNED)


@pytest.mark.parametrize("sql", ["SELECT 1 FORMAT JSONEachRow", "SELECT 1\nformat JSONEachRow -- c\n;"])
def test_the_final_format_is_found(sql: str) -> None:
    assert check(sql, BANNED) == "JSONEachRow"
