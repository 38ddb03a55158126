"""The settings of the console: where it listens, where it reads, and who may use it."""

from typing import ClassVar

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from pipeline.console.access import accounts, loopback, networks, roles

NOTHING = SecretStr("")


class ConsoleSettings(BaseModel):
    """Without users and without a proxy it is for one person on one machine: it listens on loopback only."""

    HEADING: ClassVar[str] = "Console"

    console_clickhouse: SecretStr = Field(
        NOTHING,
        description="`http(s)://user:password@host:port/database` for it, best of a user who may only read; "
        "empty: `TOCSIN_CLICKHOUSE`, or `TOCSIN_CLICKHOUSE_HTTP` where that is embedded.",
    )
    console_users: SecretStr = Field(
        NOTHING,
        description="Who may log in: `name:role:token[,...]`, tokens of at least 16 characters; `view` looks, "
        "`respond` gives commands, `admin` sees the contents of dead letters, too.",
    )
    console_proxy_header: str = Field(
        "", pattern=r"^[A-Za-z0-9-]*$", description="Header in which a reverse proxy names the user; empty: none."
    )
    console_proxies: str = Field(
        "", validate_default=True, description="Addresses of such proxies, `CIDR[,...]`; nobody else is believed."
    )
    console_proxy_roles: str = Field(
        "*:view", description="Roles of those users: `name:role[,...]`; `*` is anybody else."
    )
    console_listen: str = Field(
        "127.0.0.1:8324",
        validate_default=True,
        pattern=r"^[^:]*:\d{1,5}$",
        description="Where `tocsin console` listens; beyond loopback only with users or a proxy.",
    )
    console_workers: str = Field(
        "", description="Health addresses of workers, `host:port[,...]`; empty: `TOCSIN_HTTP`."
    )

    @field_validator("console_users")
    @classmethod
    def _readable(cls, given: SecretStr) -> SecretStr:
        accounts(given.get_secret_value())
        return given

    @field_validator("console_proxies")
    @classmethod
    def _networks(cls, given: str, info: ValidationInfo) -> str:
        if bool(networks(given)) != bool(info.data.get("console_proxy_header")):
            raise ValueError(
                "name the proxies' addresses here and their header in TOCSIN_CONSOLE_PROXY_HEADER, or neither"
            )
        return given

    @field_validator("console_proxy_roles")
    @classmethod
    def _roles(cls, given: str) -> str:
        roles(given)
        return given

    @field_validator("console_listen")
    @classmethod
    def _guarded(cls, address: str, info: ValidationInfo) -> str:
        users = info.data.get("console_users", NOTHING).get_secret_value()
        if not users and not info.data.get("console_proxy_header") and not loopback(address.rpartition(":")[0]):
            raise ValueError(
                "beyond loopback it needs users in TOCSIN_CONSOLE_USERS, or a proxy that asks who they are"
            )
        return address
