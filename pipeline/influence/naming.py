"""Whose sums an endorsement raises: the author's, and those of the author in each brand and topic of the post."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.influence.identity import account_ids, author_in_brand
from pipeline.influence.scoring import Endorsements as Columns
from pipeline.influence.subjects import Name
from schemas.endorsement import Endorsements

ALL: Name = ("", "")  # everything that the author says


class Named(NamedTuple):
    """Endorsements of a block as they are added: their places, and the brand and topic that each counts for."""

    place: NDArray[np.intp]
    names: Sequence[Name]


def named(said: Endorsements, places: NDArray[np.intp], about: Sequence[Sequence[Name]]) -> Named:
    """Those at the places, for all and then for each brand: how blocks were cut does not show in the rows.

    ``about`` is what the post of each endorsement is known to be about, beside the brand that the interaction names.
    """
    if not any(said.brands) and not any(about):
        return Named(places, [ALL] * len(places))
    found, names = list[int](), list[Name]()
    for place in places.tolist():
        brand = said.brands[place]
        own = dict.fromkeys((ALL, (brand, ""), *about[place]) if brand else (ALL, *about[place]))
        found += [place] * len(own)
        names += own
    return Named(np.array(found, np.intp), names)


def columns(said: Endorsements, these: Named) -> Columns:
    """The endorsements named."""
    places, known = these.place, said.kinds or (0,) * len(said.offsets)
    targets = account_ids(said.authors)[places]
    for number, (brand, topic) in enumerate(these.names):
        if brand:
            targets[number] = author_in_brand(said.authors[places[number]], brand, topic)
    return Columns(
        np.array(said.actors, np.uint64)[places], targets, np.array(said.at, np.uint32)[places],
        np.array(said.posts, np.uint16)[places], np.array(said.gaps, np.uint32)[places],
        np.array(said.weights, np.float32)[places], np.array(said.trusts, np.float32)[places],
        np.array(known, np.uint8)[places],
    )  # fmt: skip
