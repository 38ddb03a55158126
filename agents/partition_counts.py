"""Whether topics have the partitions that the settings say: brands, authors and sources are placed by these counts."""

from collections.abc import Collection, Mapping

from aiokafka.admin import AIOKafkaAdminClient

from agents.brokers import connection
from agents.settings import Settings
from schemas.topics import catalogue


class PartitionsChanged(Exception):  # noqa: N818  # named as what it is
    """Topics and settings disagree; the text says how, and what to do."""


def expected(settings: Settings) -> dict[str, int]:
    """Partitions of every topic, by its family."""
    counts = {"brand": settings.brand_partitions}
    return {topic.name: counts.get(topic.family, settings.posts_partitions) for topic in catalogue(settings.sources)}


async def counted(bootstrap: str, topics: Collection[str]) -> dict[str, int]:
    """The partitions of those of ``topics`` that exist."""
    admin = AIOKafkaAdminClient(**connection(bootstrap))
    await admin.start()
    try:
        there = [name for name in await admin.list_topics() if name in topics]  # to describe one might create it
        return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(there)}
    finally:
        await admin.close()


async def check(bootstrap: str, wanted: Mapping[str, int]) -> None:
    """Compare the topics in ``wanted`` (name -> partitions) with the broker's.

    Raises:
        PartitionsChanged: a topic is missing, or has more or fewer partitions.
    """
    if not wanted:
        return
    found = await counted(bootstrap, wanted)
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        raise PartitionsChanged(f"missing: {', '.join(missing)}; run `tocsin topics create`")
    wrong = [f"{name} has {found[name]}, not {count}" for name, count in wanted.items() if found[name] != count]
    if wrong:
        raise PartitionsChanged(
            f"partitions of topics differ from the settings: {'; '.join(wrong)}. Set TOCSIN_POSTS_PARTITIONS and "
            "TOCSIN_BRAND_PARTITIONS to what the topics were made with; a topic that was changed must be made anew"
        )
