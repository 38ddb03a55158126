"""The settings: variables TOCSIN_*, secrets also as files TOCSIN_*_FILE. The only reader of the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from agents import crash_points
from agents.console_settings import ConsoleSettings
from agents.kafka_settings import KafkaSettings
from agents.notifier_settings import NotifierSettings
from pipeline import channels
from pipeline.discover import names
from pipeline.retention import retention

STAGES = ("adapt", "forget", "listen", "endorse", "influence", "spread", "watch", "store", "page")
PREFIX = "TOCSIN_"
_ADDRESS = r"^[^:]*:\d{1,5}$"


class Settings(KafkaSettings, NotifierSettings, ConsoleSettings):
    """Everything a worker can be told, and what collectors and commands share with it."""

    HEADING: ClassVar[str] = "Workers"

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # a value may be a secret

    group: str = Field(
        "tocsin", description="Prefix of the consumer groups; each stage has a group of its own, `tocsin.listen`..."
    )
    stages: tuple[str, ...] = Field(
        STAGES, description="Stages this worker runs, comma separated; also `tocsin worker --stages`."
    )
    sources: tuple[str, ...] = Field(
        (),
        description="Channels whose raw topics are adapted, comma separated, such as `bluesky,email`; empty: none. "
        "`tocsin topics create` makes their topics.",
    )
    watchlist: Path = Field(
        Path("watchlist.yaml"),
        description="Brands, aliases, products, campaigns and rules; looked at every two seconds while a worker runs.",
    )
    shadow_rules: str = Field(
        "",
        description="A second watch list, judged beside the first: alerts on their own topic, no pages; empty: none.",
    )
    routing: str = Field("", description="A file that says who hears of which pages; empty: every notifier, of all.")
    clickhouse: SecretStr = Field(
        SecretStr("chdb:///var/lib/tocsin/chdb?database=tocsin"),
        description="`chdb:///directory?database=NAME` (embedded) or `http(s)://user:password@host:port/database`. "
        "For https, `?ca_cert=FILE&client_cert=FILE&client_cert_key=FILE` name authorities and a certificate of ours.",
    )
    retention_days: str = Field(
        "", description="Days that tables keep rows for, such as `signals=90,identities=30`, set by `tocsin migrate`."
    )
    http: str = Field(
        "127.0.0.1:8321", pattern=_ADDRESS, description="Where `/healthz`, `/readyz` and `/metrics` listen."
    )
    clickhouse_http: str = Field(
        "",
        pattern=f"^$|{_ADDRESS}",
        description="Where the embedded ClickHouse answers reads, without a password; empty: nowhere.",
    )
    posts_partitions: int = Field(
        8, ge=1, le=1024, description="Partitions of the posts topics, where topics are made."
    )
    brand_partitions: int = Field(6, ge=1, le=1024, description="Partitions of the brand log; fixed for life.")
    replication: int = Field(1, ge=1, le=9, description="Replication factor of topics that are made; 3 in production.")
    checkpoint_s: float = Field(
        10.0, gt=0, description="Between checkpoints of listen: how much is read again after a crash."
    )
    watch_checkpoint_s: float = Field(2.0, gt=0, description="Between checkpoints of watch, whose state is small.")
    session_s: float = Field(10.0, ge=6, description="Consumer session timeout: how long a dead worker is waited for.")
    stuck_s: float = Field(60.0, gt=0, description="Without progress despite lag for so long, a worker ends itself.")
    embedded_broker: bool = Field(
        False,
        description="The broker is the demo's, which keeps about 5 MB a partition: checkpoints are rewritten in time.",
    )
    text_weights: str = Field(
        "full",
        pattern=r"^[\w-]+$",
        description="Weights of the text model: `full`, or `clean`, made without data of doubtful terms.",
    )
    pseudonym_key: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="Secret under which accounts become author keys; keep it, or every author becomes another. "
        "Needed with `TOCSIN_SOURCES`.",
    )
    pseudonym_key_id: str = Field(
        "default", pattern=r"^[\w.-]{1,64}$", description="Name of that secret, written beside each author key."
    )
    influence_seeds: str = Field(
        "", description="A file of author keys, one a line, that endorse with full trust at once; empty: none."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="JSON lines on standard error, without texts of posts."
    )
    mastodon_token: SecretStr = Field(SecretStr(""), description="Access token for `tocsin collect mastodon`.")
    imap_password: SecretStr = Field(SecretStr(""), description="Password for `tocsin collect imap`.")
    receiver_secret: SecretStr = Field(SecretStr(""), description="What senders to `tocsin collect http` sign with.")
    pagerduty_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Secret of a webhook subscription (v3) of PagerDuty to `tocsin callbacks`."
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Signing secret of the Slack app that posts to `tocsin callbacks`."
    )
    dingtalk_app_secret: SecretStr = Field(
        SecretStr(""), description="AppSecret of the DingTalk robot that posts to `tocsin callbacks`."
    )
    feishu_encrypt_key: SecretStr = Field(
        SecretStr(""), description="Encrypt Key of the Feishu application that posts to `tocsin callbacks`."
    )
    wecom_callback_secret: SecretStr = Field(
        SecretStr(""),
        description="`CORPID:TOKEN:ENCODINGAESKEY` of the WeCom application that posts to `tocsin callbacks`.",
    )
    callback_secret: SecretStr = Field(
        SecretStr(""), description="What other systems sign orders to `tocsin callbacks` with, whsec_<base64>."
    )
    crash_at: str = Field(
        "",
        description="`[stage: ]point[:nth]`, see `agents/crash_points.py`: the worker ends there with status 137, as "
        "in a power cut. For tests of recovery only.",
    )

    @field_validator("stages", "sources", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("stages")
    @classmethod
    def _known(cls, stages: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [stage for stage in stages if stage not in STAGES]
        if unknown or not stages:
            raise ValueError(f"unknown stages {unknown}; known are {', '.join(STAGES)}")
        return stages

    @field_validator("sources")
    @classmethod
    def _adapted(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [source for source in sources if source not in names(channels)]
        if unknown:
            raise ValueError(f"unknown sources {unknown}; known are {', '.join(names(channels))}")
        return tuple(dict.fromkeys(sources))

    @field_validator("pseudonym_key")
    @classmethod
    def _pseudonymous(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("sources") and not key.get_secret_value():
            raise ValueError("authors of sources need pseudonyms: write a long random secret here, and never lose it")
        return key

    @field_validator("retention_days")
    @classmethod
    def _days(cls, text: str) -> str:
        retention(text)
        return text

    @field_validator("crash_at")
    @classmethod
    def _crash_point(cls, text: str) -> str:
        crash_points.armed(text)
        return text


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; ``TOCSIN_X_FILE`` names a file that holds the value of ``TOCSIN_X``.

    Raises:
        pydantic.ValidationError: a value is wrong or a variable unknown; ``complaint`` says which.
        OSError: a file cannot be read.
    """
    given = dict(os.environ if environ is None else environ)
    values = {key.removeprefix(PREFIX).lower(): value for key, value in given.items() if key.startswith(PREFIX)}
    for name in [name for name in values if name.endswith("_file")]:
        values[name.removesuffix("_file")] = Path(values.pop(name)).read_text(encoding="utf-8").strip()
    return Settings.model_validate(values)


def complaint(error: ValidationError) -> str:
    """One line: every variable that is wrong and what it may be, never the value given, which may be a secret."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    said = {PREFIX + str(item["loc"][0]).upper() if item["loc"] else "": item for item in found}
    return "; ".join(
        f"{name}{': ' if name else ''}{'no such setting' if item['type'] == 'extra_forbidden' else item['msg']}"
        for name, item in said.items()
    )
