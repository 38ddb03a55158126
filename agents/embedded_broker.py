"""The embedded broker: the cluster inside the confluent-kafka wheel, real TCP, in a process of its own.

``python -m agents.embedded_broker TOPIC:PARTITIONS ...`` prints its address as the first line and serves until its
standard input closes. It keeps about 5 MB a partition, nothing on disk, and does not compact: for demos and tests.
librdkafka's C functions are used because the Python client can neither create its topics nor ask its address.
"""

import contextlib
import ctypes
import subprocess
import sys
from collections.abc import Iterable, Iterator
from glob import glob
from importlib.util import find_spec
from pathlib import Path

from schemas.topics import catalogue

ERROR_BYTES = 512


class NotInstalled(RuntimeError):  # noqa: N818  # named as what it is
    """The extra ``embedded`` is missing."""


class NotStarted(RuntimeError):  # noqa: N818  # named as what it is
    """The process of the broker ended before it had an address; it said why on standard error."""


def _library() -> ctypes.CDLL:
    spec = find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        raise NotInstalled("the embedded broker needs confluent-kafka: pip install 'tocsin[embedded]'")
    folder = Path(spec.origin).parent.parent
    found = sorted(glob(str(folder / "confluent_kafka.libs" / "librdkafka*")))  # noqa: PTH207  # the name carries a hash
    if not found:
        raise NotInstalled("confluent-kafka was not installed from a wheel that bundles librdkafka")
    library = ctypes.CDLL(found[0])
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def start(partitions: dict[str, int]) -> str:
    """Start the cluster in this process, with these topics; its address.

    Raises:
        NotInstalled: the wheel is not there.
        RuntimeError: librdkafka refuses.
    """
    library = _library()
    error = ctypes.create_string_buffer(ERROR_BYTES)
    settings = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(settings, b"log_level", b"3", error, ERROR_BYTES)  # errors; it misses servers to talk to
    client = library.rd_kafka_new(0, settings, error, ERROR_BYTES)
    if not client:
        raise RuntimeError(f"librdkafka: {error.value.decode()}")
    cluster = library.rd_kafka_mock_cluster_new(client, 1)
    for topic, count in partitions.items():
        if library.rd_kafka_mock_topic_create(cluster, topic.encode(), count, 1):
            raise RuntimeError(f"librdkafka cannot create {topic}")
    return str(library.rd_kafka_mock_cluster_bootstraps(cluster).decode())


@contextlib.contextmanager
def running(posts_partitions: int, brand_partitions: int, sources: Iterable[str] = ()) -> Iterator[str]:
    """The broker as a child process with every topic of the catalogue; its address. It dies with this process.

    Raises:
        NotStarted: it ended at once, for example because the extra ``embedded`` is missing.
    """
    counts = {"posts": posts_partitions, "interactions": posts_partitions, "brand": brand_partitions}
    topics = [f"{topic.name}:{counts[topic.family]}" for topic in catalogue(sources)]
    command = [sys.executable, "-m", "agents.embedded_broker", *topics]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            raise NotStarted(f"the embedded broker did not start; its exit status is {process.wait(5)}")
        yield address
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Serve until standard input closes."""
    partitions = {name: int(count) for name, _, count in (given.rpartition(":") for given in sys.argv[1:])}
    try:
        address = start(partitions)
    except RuntimeError as error:
        sys.exit(f"tocsin: {error}")
    print(address, flush=True)  # noqa: T201  # the parent reads it
    sys.stdin.read()


if __name__ == "__main__":
    main()
