"""Users, original posts, media, places and polls stand beside the posts of X API v2 and are joined by id."""

from typing import Any

from pipeline.channels._fields import Fields

_JOINED_BY = {"users": "id", "tweets": "id", "media": "media_key", "places": "id", "polls": "id"}


class Includes:
    """The objects beside the posts of one response, and which of them a post has used."""

    def __init__(self, source: Fields) -> None:
        self._source = source
        joined = [(kind, by) for kind, by in _JOINED_BY.items() if kind in source]
        self._by_id = {(kind, one.ref(by)): one for kind, by in joined for one in source.each(kind)}
        self._used: set[tuple[str, str | None]] = set()

    def find(self, kind: str, native_id: str | None) -> Fields | None:
        """A copy of the object, because several posts may name it."""
        found = self._by_id.get((kind, native_id))
        if found is None:
            return None
        self._used.add((kind, native_id))
        return found.copy()

    def unused(self) -> dict[str, Any]:
        """What no post has named; to be asked when all have been read."""
        left = self._source.take_all()
        for kind, by in _JOINED_BY.items():
            if type(left.get(kind)) is list:
                left[kind] = [one for one in left[kind] if not self._is_used(kind, by, one)]
        return Fields(left).rest()

    def _is_used(self, kind: str, by: str, one: Any) -> bool:  # noqa: ANN401  # JSON
        return type(one) is dict and (kind, Fields(one).ref(by)) in self._used


class Joined:
    """The objects beside one post, and what is left of them when they have been read."""

    def __init__(self, includes: Includes) -> None:
        self._includes = includes
        self._found: list[tuple[str, Fields]] = []

    def find(self, kind: str, native_id: str | None) -> Fields:
        """The object, without fields if it was not sent."""
        found = self._includes.find(kind, native_id) if native_id else None
        if found is None:
            return Fields({})
        self._found.append((kind, found))
        return found

    def rest(self) -> dict[str, Any]:
        """By kind, what was not taken of the objects."""
        left: dict[str, list[Any]] = {}
        for kind, one in self._found:
            if rest := one.rest():
                left.setdefault(kind, []).append(rest)
        return left
