#!/usr/bin/env python3
"""A real Apache Kafka without Docker: one broker from Maven Central's jars and Java 17.

python broker.py fetch                    download the jars into the cache, once
python broker.py run                      run a broker, print its address when it answers, until SIGTERM or Ctrl-C
python broker.py run --dir D --port P     keep the data in D and listen on P, so that the same broker can come back
"""

import argparse
import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import FrameType
from typing import NamedTuple, Self

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections: a client that keeps calling a dead broker could otherwise be
# connected to itself, and hold the port when the broker comes back.
PORTS = range(20_000, 32_000)
CLUSTER_ID = "tocsin-single-broker-A"  # 16 bytes in base64, as Kafka wants them
JAVA = ("java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # quick to start, slower at its peak
START_S = 90.0  # 3 on an idle machine
STOP_S = 20.0
TAIL_LINES = 25
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class KafkaUnavailable(RuntimeError):  # noqa: N818  # a condition of the machine, named as what it is
    """A program is missing. The message says what to install."""


class KafkaFailed(RuntimeError):  # noqa: N818  # same
    """The jars cannot be had, or the broker does not run. The message ends with the tail of the log."""


class Node(NamedTuple):
    """One of the brokers of a cluster: its id, and the controller port of every broker by id."""

    id: int
    controllers: Mapping[int, int]


class Secured(NamedTuple):
    """A port with TLS, whose certificate and key are in ``keystore``, for one user with a password."""

    port: int
    keystore: Path
    user: str
    password: str


def _require(program: str, package: str) -> None:
    if shutil.which(program) is None:
        advice = f"On Debian and Ubuntu: apt install {package}"
        raise KafkaUnavailable(f"a real Kafka needs {program}, which is not installed. {advice}")


def fetch() -> Path:
    """The folder of the jars that pom.xml names, downloaded if it is not in the cache yet.

    The cache is ``$KAFKA_CACHE``, else ``tocsin`` in the user's cache folder. The folder is named by Kafka's version
    and the hash of pom.xml, and appears complete or not at all, also when several processes fetch at once.
    """
    pom = (HERE / "pom.xml").read_bytes()
    version = re.findall(rb"<version>(.+?)</version>", pom)[0].decode()
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(os.environ.get("KAFKA_CACHE") or user_cache / "tocsin")
    jars = cache / f"kafka-{version}-{hashlib.sha256(pom).hexdigest()[:8]}"
    if not jars.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as room:
            _download(Path(room, "lib"))
            with contextlib.suppress(OSError):  # another process was first, and its folder is as good
                Path(room, "lib").rename(jars)
    return jars


def _download(target: Path) -> None:
    _require("mvn", "maven")
    command = ["mvn", "-q", "-B", "--strict-checksums", "-f", str(HERE / "pom.xml")]
    command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # own words and paths
    if done.returncode:
        raise KafkaFailed(f"Maven could not download Kafka:\n{done.stdout}{done.stderr}")


def free_ports(count: int, port: int | None = None) -> list[int]:
    """Ports that nobody listens on, the first of them ``port`` if given; held together, so they differ.

    Raises:
        KafkaFailed: ``port`` is taken.
    """
    wanted = ([] if port is None else [port]) + random.sample(PORTS, count + 20)  # more: some may be taken
    found: list[int] = []
    with contextlib.ExitStack() as held:
        for candidate in wanted:
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_server((HOST, candidate)))
                found.append(candidate)
    if port not in (None, *found):
        raise KafkaFailed(f"port {port} is taken: end what listens there, or name another one")
    return found[:count]


def answers(port: int) -> bool:
    """Whether a broker answers ApiVersions (key 18, version 0) on ``port``: it serves, not only listens."""
    request = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            head = connection.recv(8, socket.MSG_WAITALL)
    except OSError:
        return False
    return head[4:] == struct.pack(">i", 1)  # the correlation id comes back after the size


def _listeners(ports: Mapping[str, int | None]) -> str:
    return ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items() if port is not None)


class KafkaBroker:
    """One broker on loopback that is a controller, too. As a context it is stopped at the end.

    ``directory`` holds settings, log and data and is kept; without it a temporary one is removed by ``stop``. ``port``
    is chosen by the first ``start`` unless given, and stays. Without ``node`` it is a cluster of its own. Of a cluster
    of several, ``start`` returns when more than half of them run, so they must be started side by side. ``door`` is a
    second port to listen on, and the port that clients who come by it are told to call: that of a proxy before it.
    ``secured`` is another one, with TLS and a password; the first stays without.
    """

    def __init__(
        self,
        directory: Path | None = None,
        port: int | None = None,
        node: Node | None = None,
        door: tuple[int, int] | None = None,
        secured: Secured | None = None,
    ) -> None:
        self._temporary = directory is None
        self.directory = (directory or Path(tempfile.mkdtemp(prefix="tocsin-kafka-"))).resolve()
        self.port, self._node, self._door, self._secured = port, node, door, secured
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """Start, wait until it answers, and return the bootstrap address. Data that are there are taken up again.

        Raises:
            KafkaUnavailable: Java is missing, or Maven for the first download.
            KafkaFailed: it ended, did not answer in time, or the port is taken.
        """
        _require("java", "openjdk-17-jre-headless")
        jars = fetch()
        port, controller_port = free_ports(2, self.port)
        self._launch(jars, port, self._node or Node(1, {1: controller_port}))
        deadline = time.monotonic() + START_S
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            if answers(port):
                self.port = port
                return f"{HOST}:{port}"
            time.sleep(0.05)
        self.kill()
        raise KafkaFailed(f"Kafka did not start; it needs Java 17 or later. The end of its log:\n{self._log_tail()}")

    def stop(self) -> None:
        """End it in order, at last by force; remove a temporary directory. Harmless if it does not run."""
        self._end(signal.SIGTERM)
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL); the data stay for ``restart``."""
        self._end(signal.SIGKILL)

    def restart(self) -> str:
        """End it in order if it runs, and start it with the same port and data; see ``start``."""
        self._end(signal.SIGTERM)
        return self.start()

    def run_out(self) -> None:
        """Block until it ends by itself, then raise KafkaFailed."""
        if self._process is not None:
            self._process.wait()
        raise KafkaFailed(f"Kafka ended by itself. The end of its log:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        log = self.directory / "kafka.log"  # new with every start
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:])

    def _settings(self, port: int, node: Node, data: Path) -> str:
        """The text of server.properties."""
        inner, called = self._door or (None, None)
        safe = self._secured.port if self._secured else None
        listening = {"PLAINTEXT": port, "DOOR": inner, "SECURED": safe, "CONTROLLER": node.controllers[node.id]}
        advertised = {"PLAINTEXT": port, "DOOR": called, "SECURED": safe}
        template = Template((HERE / "server.properties").read_text(encoding="utf-8"))
        return template.substitute(
            node=node.id, data=data, replicas=min(len(node.controllers), 3),
            voters=",".join(f"{number}@{HOST}:{voter}" for number, voter in node.controllers.items()),
            listeners=_listeners(listening), advertised=_listeners(advertised),
            keystore=self._secured.keystore if self._secured else "",
        )  # fmt: skip

    def _launch(self, jars: Path, port: int, node: Node) -> None:
        """Format storage that is new, and run Kafka; if the first fails, its log says why."""
        data, settings = self.directory / "data", self.directory / "server.properties"
        data.mkdir(parents=True, exist_ok=True)
        settings.write_text(self._settings(port, node, data))
        java: list[str] = [*JAVA, f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}", "-cp", f"{jars}/*"]
        with (self.directory / "kafka.log").open("wb") as log:
            if not (data / "meta.properties").exists():
                storage = [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(settings)]
                storage += self._users()
                if subprocess.run(storage, stdout=log, stderr=log, check=False).returncode:  # noqa: S603  # own words, paths
                    return
            self._process = subprocess.Popen([*java, "kafka.Kafka", str(settings)], stdout=log, stderr=log)  # noqa: S603  # same

    def _users(self) -> list[str]:
        """How the storage is told of the user."""
        if self._secured is None:
            return []
        return ["--add-scram", f"SCRAM-SHA-512=[name={self._secured.user},password={self._secured.password}]"]

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _leave(_number: int, _frame: FrameType | None) -> None:
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the tidying up
    raise SystemExit(0)


def _run(directory: Path | None, port: int | None) -> None:
    for number in ENDINGS:
        signal.signal(number, _leave)
    with KafkaBroker(directory, port) as broker:
        sys.stdout.write(f"{broker.start()}\n")
        sys.stdout.flush()
        broker.run_out()


def main() -> int:
    """The command line; 1 if Kafka cannot be had or does not run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="download the jars into the cache and print their folder")
    run = commands.add_parser("run", help="run a broker in the foreground")
    run.add_argument("--dir", type=Path, help="keep settings, log and data here (default: temporary)")
    run.add_argument("--port", type=int, help="listen here (default: a free port)")
    given = parser.parse_args()
    try:
        if given.command == "fetch":
            sys.stdout.write(f"{fetch()}\n")
        else:
            _run(given.dir, given.port)
    except (KafkaUnavailable, KafkaFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
