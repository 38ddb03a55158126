"""A page of the reference in Markdown."""

from collections.abc import Iterable, Sequence

from pipeline.quoting import one_line

WRITTEN = "<!-- Written by `make generate` from the code: change it there. -->"


def page(title: str, introduction: str, parts: Iterable[str]) -> str:
    """The text of a file."""
    return "\n".join([f"# {title}", "", WRITTEN, "", introduction, "", *parts]).rstrip() + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table and an empty one."""
    return [_row(heads), f"|{'---|' * len(heads)}", *map(_row, rows), ""]


def code(text: str) -> str:
    """``text`` as code; nothing for nothing."""
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Words of ours in one line, whose angle brackets and double backticks are not taken for markup."""
    parts = one_line(" ".join(text.split())).replace("``", "`").split("`")
    return "`".join(part if number % 2 else part.replace("<", "\\<") for number, part in enumerate(parts))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
