"""Read YAML nodes field by field and collect every problem with its line, instead of stopping at the first."""

import difflib
from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode


class WatchListError(ValueError):
    """A watch list or routing file cannot be used; one line per problem, each with what to write instead."""


class Problems:
    """What is wrong with one file."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._found: set[tuple[int, str]] = set()

    def add(self, line: int, message: str) -> None:
        """Note one problem; lines count from 1."""
        self._found.add((line, message))

    def raise_any(self) -> None:
        """Raise ``WatchListError`` unless nothing was found."""
        if self._found:
            raise WatchListError("\n".join(f"{self._filename}:{line}: {what}" for line, what in sorted(self._found)))


class Field(NamedTuple):
    """One value of the file: where it stands and what it is called."""

    node: Node
    path: str
    problems: Problems

    @property
    def line(self) -> int:
        """Line of the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def blame(self, message: str) -> None:
        """Note that this value is wrong."""
        self.problems.add(self.line, f"{self.path}: {message}" if self.path else message)

    def text(self) -> str:
        """A scalar as it was written, so that a brand called 360, On or No stays one; "" with a problem otherwise."""
        if not isinstance(self.node, ScalarNode):
            self.blame("this is a list or a mapping; write one value")
            return ""
        value = "" if self.node.tag.endswith(":null") else str(self.node.value).strip()
        if not value:
            self.blame("this is empty; write a value or remove the line")
        return value

    def items(self) -> Iterator["Field"]:
        """The elements of a list."""
        if not isinstance(self.node, SequenceNode):
            self.blame("this is not a list; write one element per line, each after '- '")
            return
        for index, node in enumerate(self.node.value):
            yield Field(node, f"{self.path}[{index}]", self.problems)

    def fields(self, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, "Field"]:
        """The values of a mapping by key; unknown, repeated and missing keys are problems."""
        if not isinstance(self.node, MappingNode):
            self.blame(f"this is not a mapping; write 'key: value' lines with {', '.join(known)}")
            return {}
        found: dict[str, Field] = {}
        for key_node, node in self.node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            field = Field(node, f"{self.path}.{key}".lstrip("."), self.problems)
            spot = field._replace(node=key_node)
            if key not in known:
                spot.blame(f"unknown key; {suggestion(key, known) or 'use one of ' + ', '.join(known)}")
            elif key in found:
                spot.blame("this key is there twice; keep one")
            else:
                found[key] = field
        for key in required:
            if key not in found:
                self.blame(f"'{key}' is missing; add it")
        return found


def suggestion(wrong: str, known: Sequence[str]) -> str:
    """Advice that names the closest known word, or "" where none is close."""
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"write '{close[0]}'" if close else ""


def compose(text: str, problems: Problems, wanted: str) -> Node | None:
    """The document in YAML ``text``; ``wanted`` says what belongs into an empty one."""
    try:
        node: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(line, f"this is not YAML: {error.problem}; check indentation, quotes and colons")
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(1, f"this is not YAML: {type(error).__name__}; write plain text, a few levels deep")
    else:
        if node is None:
            problems.add(1, f"the file is empty; {wanted}")
        return node
    return None


def zone_of(field: Field) -> tzinfo:
    """The time zone that is named; UTC with a problem otherwise."""
    name = field.text()
    known = available_timezones()
    if name in known:
        return ZoneInfo(name)
    if name:
        field.blame(
            f"'{name}' is no IANA time zone; {suggestion(name, sorted(known)) or 'write one like Asia/Shanghai'}"
        )
    return UTC
