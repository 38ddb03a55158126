"""The settings of the connection to Kafka: where it is, how it is proven to be it, and who we are."""

from functools import cached_property
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from agents.brokers import Brokers, Security

NOTHING = SecretStr("")
_SASL = ("kafka_user", "kafka_password")
_TLS = ("kafka_ca", "kafka_cert", "kafka_key", "kafka_key_password")


class KafkaSettings(BaseModel):
    """TLS checks the broker's certificate and host name, always. A password is never sent without TLS."""

    HEADING: ClassVar[str] = "Kafka"

    kafka: str = Field("127.0.0.1:9092", description="Bootstrap servers, `host:port[,host:port]`.")
    kafka_security: Literal["plaintext", "ssl", "sasl_ssl"] = Field(
        "plaintext",
        description="`ssl`: TLS, with a certificate of ours if the broker asks; `sasl_ssl`: with a password.",
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="How the password is told, with `sasl_ssl`."
    )
    kafka_user: SecretStr = Field(NOTHING, description="User at the broker, with `sasl_ssl`.")
    kafka_password: SecretStr = Field(NOTHING, description="Password of that user.")
    kafka_ca: str = Field(
        "", description="File of the authorities that sign the brokers' certificates, PEM; empty: those of the system."
    )
    kafka_cert: str = Field("", description="File of our certificate, PEM, if brokers ask for one.")
    kafka_key: str = Field("", description="File of its key, PEM; empty: in the file of the certificate.")
    kafka_key_password: SecretStr = Field(NOTHING, description="Password of that key, if it has one.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """What is given is used, and what is needed is there: a password that goes nowhere is a mistake."""
        given = {name for name in (*_SASL, *_TLS) if _plain(getattr(self, name))}
        named = {name: f"TOCSIN_{name.upper()}" for name in (*_SASL, *_TLS)}
        if self.kafka_security == "sasl_ssl" and (missing := [named[name] for name in _SASL if name not in given]):
            raise ValueError(f"TOCSIN_KAFKA_SECURITY=sasl_ssl needs {' and '.join(missing)}")
        usable = {"plaintext": (), "ssl": _TLS, "sasl_ssl": (*_SASL, *_TLS)}[self.kafka_security]
        if unused := [named[name] for name in (*_SASL, *_TLS) if name in given and name not in usable]:
            raise ValueError(f"{', '.join(unused)}: of no use with TOCSIN_KAFKA_SECURITY={self.kafka_security}")
        if "kafka_cert" not in given and (unused := [named[name] for name in _TLS[2:] if name in given]):
            raise ValueError(f"{', '.join(unused)}: of no use without TOCSIN_KAFKA_CERT")
        return self

    @cached_property
    def brokers(self) -> Brokers:
        """The servers and how they are spoken to; the files are read when somebody connects."""
        return Brokers(self.kafka, Security(
            protocol=self.kafka_security, ca=self.kafka_ca, cert=self.kafka_cert, key=self.kafka_key,
            key_password=self.kafka_key_password.get_secret_value(), mechanism=self.kafka_sasl_mechanism,
            user=self.kafka_user.get_secret_value(), password=self.kafka_password.get_secret_value(),
        ))  # fmt: skip


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
