"""One Faust app per stage: a consumer group of its own, so that a slow store or pager never holds detection up."""

from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog
from faust.auth import SASLCredentials, SSLCredentials
from faust.types import TP

from agents.brokers import Security
from agents.lane import LaneApp
from agents.metrics import Metrics
from agents.settings import Settings
from pipeline.stage import Output

MAX_REQUEST_BYTES = (
    16 << 20
)  # as the broker's max.message.bytes of posts: a dead letter is cut, a checkpoint block is not
LINGER_S = 0.005
MAX_POLL_INTERVAL_S = 30 * 86_400.0  # who waits for ClickHouse stays in the group; the watchdog finds who hangs
LOST = "they were deleted before they were read: give the topic a longer retention than the longest outage"

_log = structlog.get_logger(__name__)


def create_app(settings: Settings, stage: str, metrics: Metrics, give_up: Callable[[str], NoReturn]) -> LaneApp:
    """A Faust app for one stage, without its web server, leader election, topic declaration or tables."""
    app = LaneApp(
        f"{settings.group}.{stage}",
        broker_credentials=_credentials(settings.brokers.security),
        broker=";".join(f"kafka://{server}" for server in settings.kafka.split(",")),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        broker_session_timeout=settings.session_s,
        broker_heartbeat_interval=min(settings.session_s / 4, 3.0),
        broker_request_timeout=settings.session_s + 15.0,
        broker_max_poll_interval=MAX_POLL_INTERVAL_S,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        producer_linger=LINGER_S,
        producer_max_request_size=MAX_REQUEST_BYTES,
    )

    def lost(tp: TP, records: int) -> None:
        metrics.lost(stage, records)
        _log.error("records_lost", stage=stage, topic=tp.topic, partition=tp.partition, records=records, advice=LOST)

    app.lost, app.give_up = lost, give_up
    return app


def _credentials(security: Security) -> SASLCredentials | SSLCredentials | None:
    context = security.context()
    if context is None:
        return None
    if security.protocol == "ssl":
        return SSLCredentials(context)
    return SASLCredentials(
        username=security.user, password=security.password, mechanism=security.mechanism, ssl_context=context
    )


def sender(app: LaneApp) -> Callable[[Output], Awaitable[None]]:
    """Produces an output by the producer of ``app`` and waits for its acknowledgement."""

    async def send(output: Output) -> None:
        headers = list(output.headers) or None
        sent = await app.producer.send(output.topic, output.key, output.value, output.partition, None, headers)
        await sent

    return send
