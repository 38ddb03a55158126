"""How long each table keeps its rows: what the catalogue says, unless an operator says otherwise."""

from collections.abc import Mapping

from schemas.tables import TABLES

LONGEST = 36_500  # days; ClickHouse's DateTime ends in 2106


def retention(text: str) -> Mapping[str, int]:
    """Days by table, of all tables that expire; ``text`` is ``table=days,...`` for those that differ.

    Raises:
        ValueError: no such table, or a number of days that is none; the text says which.
    """
    days = {table.name: table.kept_days for table in TABLES if table.kept_days is not None}
    said: set[str] = set()
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in days:
            raise ValueError(f"{name[:80]!r} is no table that expires; known are {', '.join(days)}")
        if name in said:
            raise ValueError(f"{name} is named twice")
        if not (number.isascii() and number.isdigit() and len(number) <= len(str(LONGEST))):
            raise ValueError(f"{name}: write whole days, as in {name}=90")
        if not 1 <= int(number) <= LONGEST:
            raise ValueError(f"{name}: from 1 to {LONGEST} days")
        said.add(name)
        days[name] = int(number)
    return days
