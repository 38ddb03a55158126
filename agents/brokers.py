"""How Kafka is spoken to: bootstrap servers that carry their TLS and password to whoever connects."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

PLAINTEXT = "plaintext"
PATIENCE_S = 10.0  # of a handshake


@dataclass(frozen=True, slots=True)
class Security:
    """``protocol`` is plaintext, ssl or sasl_ssl; the others are files in PEM and secrets, empty where not needed."""

    protocol: str = PLAINTEXT
    ca: str = ""
    cert: str = ""
    key: str = ""
    key_password: str = field(default="", repr=False)
    mechanism: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def context(self) -> ssl.SSLContext | None:
        """What checks the broker, and shows our certificate; None for plaintext.

        Raises:
            OSError: a file cannot be read, or (ssl.SSLError) is none of the kind.
        """
        if self.protocol == PLAINTEXT:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.cert:
                context.load_cert_chain(self.cert, self.key or None, lambda: self.key_password)  # else OpenSSL asks
        except OSError as error:  # which does not say the file
            files = ", ".join(filter(None, (self.ca, self.cert, self.key)))
            raise OSError(f"TLS to Kafka by {files}: {error}") from error
        return context


class Brokers(str):
    """``host:port[,host:port]``. A string, because most of what carries it only hands it on."""

    __slots__ = ("security",)
    security: Security

    def __new__(cls, servers: str, security: Security) -> Self:
        """The servers with what they ask for."""
        made = super().__new__(cls, servers)
        made.security = security
        return made


def connection(bootstrap: str | Sequence[str]) -> dict[str, Any]:
    """The options of aiokafka's and kafka-python's clients; a plain string or list is spoken to in plaintext.

    Raises:
        OSError: a file of the TLS settings cannot be read or used.
    """
    servers = bootstrap.split(",") if isinstance(bootstrap, str) else list(bootstrap)
    options: dict[str, Any] = {"bootstrap_servers": servers}
    if not isinstance(bootstrap, Brokers) or bootstrap.security.protocol == PLAINTEXT:
        return options
    told = bootstrap.security
    options |= {"security_protocol": told.protocol.upper(), "ssl_context": told.context()}
    if told.protocol == "sasl_ssl":
        options |= {
            "sasl_mechanism": told.mechanism, "sasl_plain_username": told.user, "sasl_plain_password": told.password,
        }  # fmt: skip
    return options


def proofs(brokers: Brokers) -> Iterator[str]:
    """Of each server how it proved to be it, in a line; nothing in plaintext.

    Raises:
        OSError: it is not there or could not; the clients of Kafka do not say which.
    """
    context = brokers.security.context()
    if context is None:
        return
    for server in brokers.split(","):
        host, _, port = server.strip().rpartition(":")
        with (
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=host.strip("[]")) as safe,
        ):
            certificate = safe.getpeercert() or {}
            yield f"{server.strip()}: {safe.version()}, certificate until {certificate.get('notAfter')}"
