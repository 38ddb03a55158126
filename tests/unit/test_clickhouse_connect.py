"""A ClickHouse URL says where and as whom; what changes the meaning of an insert is pinned; passwords stay secret."""

from types import SimpleNamespace
from typing import Any

import clickhouse_connect
import pytest

from agents.clickhouse import connect

KNOWN = ("async_insert", "insert_deduplicate")


class Remote:
    """Stands for the client of a server that knows two of the settings."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # whatever the driver takes
        self.options, self.database, self.set = options, "default", dict[str, Any]()
        self.server_settings = {name: SimpleNamespace(value="1") for name in KNOWN}
        self.set_client_setting = self.set.__setitem__


@pytest.fixture(autouse=True)
def driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clickhouse_connect, "get_client", Remote)


def remote(url: str) -> Any:  # noqa: ANN401  # the stand-in, with its own attributes
    return connect(url)


def test_the_url_says_where_and_as_whom() -> None:
    client = remote("https://wri%40ter:p%40ss%3A%2F@db.example:9443/brand%20watch?ca_cert=/etc/ca.pem")
    told = {name: client.options[name] for name in ("interface", "host", "port", "username", "password", "ca_cert")}

    assert client.database == "brand watch"
    assert told == {
        "interface": "https",
        "host": "db.example",
        "port": 9443,
        "username": "wri@ter",
        "password": "p@ss:/",
        "ca_cert": "/etc/ca.pem",
    }


@pytest.mark.parametrize(("url", "port"), [("http://db", 8123), ("https://db/", 8443)])
def test_what_the_url_leaves_out_is_what_is_usual(url: str, port: int) -> None:
    client = remote(url)

    assert (client.options["port"], client.options["username"], client.database) == (port, "default", "tocsin")


def test_an_insert_is_acknowledged_when_it_is_stored_and_unknown_settings_are_not_sent() -> None:
    assert remote("http://db").set == {"async_insert": 0, "insert_deduplicate": 1}


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hunter2@db/tocsin", "http:///tocsin?x=hunter2", "chdb://", "http://u:hunter2@h/tocsin?verify=hunter2"],
)
def test_an_url_that_is_not_understood_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="ClickHouse URL") as refusal:
        connect(url)

    assert "hunter2" not in str(refusal.value)
