"""The head of a checkpoint of the listen stage."""

import msgspec

from pipeline.partition_time import PartitionTime
from schemas.brand_log import Leader, Progress


class Head(msgspec.Struct):
    """What belongs to all blocks of a checkpoint."""

    progress: Progress
    time: PartitionTime
    previous: list[int]
    voices: int = 0
    leaders: list[list[Leader]] = []  # by target, that no bundle has told yet
