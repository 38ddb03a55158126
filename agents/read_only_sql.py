"""Whether a text is one statement that only reads: closes the gaps in the embedded engine's own read-only mode."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_READING = frozenset({"select", "with", "show", "describe", "desc", "exists", "explain"})
_TOKEN = re.compile(
    r"""
      (?P<blank> [ \t\r\n\f\v]+ | --[^\n]* | \#[ !][^\n]* | /\*(?:(?!/\*|\*/).)*\*/ )
    | (?P<string> '(?:[^'\\]|\\.|'')*' )
    | (?P<quoted> `(?:[^`\\]|``)*` | "(?:[^"\\]|"")*" )
    | (?P<word> [A-Za-z_]\w* )
    | (?P<number> \d\w* )
    | (?P<mark> -(?!-) | /(?!\*) | [+*%=<>!~|&^?:.,;()\[\]{}@] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


class NotReading(Exception):  # noqa: N818  # named as what the text is
    """The text is not one reading statement; the message says why."""


class Banned(NamedTuple):
    """Lower-case names that may not occur: anywhere, or in front of a parenthesis."""

    words: frozenset[str]
    calls: frozenset[str]


class _Token(NamedTuple):
    kind: str
    text: str
    name: str  # lower case, without the quotes of an identifier


_END = _Token("mark", "", "")


def check(sql: str, banned: Banned) -> str | None:
    """The name in a final ``FORMAT`` clause, if there is one.

    What this lexer may read otherwise than ClickHouse's is refused rather than guessed: heredocs, nested comments,
    typographic quotes, backslashes in quoted names.

    Raises:
        NotReading: more than one statement, a statement that does more than read, or a banned name.
    """
    tokens = list(_tokens(sql))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    first = next((token.name for token in tokens if token.text != "("), "")
    if first not in _READING:
        raise NotReading(f"only {', '.join(sorted(_READING)).upper()} are answered here")
    for token, following in pairwise([*tokens, _END]):
        if token.text == ";":
            raise NotReading("one statement at a time")
        called = following.text == "("
        if token.kind in {"word", "quoted"} and (token.name in banned.words or (called and token.name in banned.calls)):
            raise NotReading(f"{token.name} is not available here")
    *_, clause, last = [_END, _END, *tokens]
    return last.text if (clause.kind, clause.name, last.kind) == ("word", "format", "word") else None


def _tokens(sql: str) -> Iterator[_Token]:
    """Tokens without comments and spaces."""
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None or "\0" in match[0]:
            raise NotReading(f"cannot be read safely at character {position + 1}")
        position = match.end()
        kind, text = str(match.lastgroup), match[0]
        if kind == "quoted":
            yield _Token(kind, text, text[1:-1].replace(text[0] * 2, text[0]).lower())
        elif kind != "blank":
            yield _Token(kind, text, text.lower())
