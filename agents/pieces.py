"""Blocks of a checkpoint that are longer than a record may be: written in pieces, and joined when they are read."""

from collections.abc import Collection, Mapping

LONGEST = 8 << 20  # bytes of a piece; half of what topics of state and producers take (max.message.bytes)
_NEXT = "+"  # before the number of a piece but the first, which has the name of the block


def cut(blocks: Mapping[str, bytes], known: Collection[str], longest: int = LONGEST) -> dict[str, bytes]:
    """Each block in as many pieces as it needs. Those that ``known`` names beyond, of a longer block, are empty now."""
    pieces: dict[str, bytes] = {}
    for block, value in blocks.items():
        number = 0
        while number * longest < max(len(value), 1) or _name(block, number) in known:
            pieces[_name(block, number)] = value[number * longest : (number + 1) * longest]
            number += 1
    return pieces


def joined(pieces: Mapping[str, bytes]) -> dict[str, bytes]:
    """The blocks that were cut."""
    numbered = sorted(
        (block, int(number or 0), name) for name in pieces for block, _, number in [name.partition(_NEXT)]
    )
    blocks: dict[str, list[bytes]] = {}
    for block, _, name in numbered:
        blocks.setdefault(block, []).append(pieces[name])
    return {block: b"".join(values) for block, values in blocks.items()}


def _name(block: str, number: int) -> str:
    return f"{block}{_NEXT}{number}" if number else block
