"""The reader of dashboards sees what they show and nothing else: its definition, enforced by the real engine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from schemas.tables import IDENTITIES, TABLES, TOMBSTONES
from tests.grafana import View, choices, panels

pytestmark = pytest.mark.embedded
FOLDER = Path(__file__).parents[3] / "deploy" / "clickhouse"
XML, SQL = (FOLDER / "reader.xml").read_text("utf-8"), (FOLDER / "reader.sql").read_text("utf-8")
VIEWS = {
    "minute_totals", "incidents", "influence_leaders", "influence_stances", "cascade_forecasts", "cascade_scores",
}  # fmt: skip
NO_RIGHTS, NO_ROLE, SYNTAX = 497, 511, 62
CONFIGURATION = "<clickhouse><path>{data}</path><users_config>{users}</users_config></clickhouse>"
ASK = """
import json, sys
from chdb.session import Session
session = Session(f"{sys.argv[1]}?config-file={sys.argv[2]}")
for query in json.load(sys.stdin):
    try:
        session.query(query, "TSV")
        print("allowed")
    except Exception as error:
        print(str(error).replace(chr(10), " ")[:400])
"""


def as_reader(folder: Path, queries: list[str]) -> list[str]:
    """What the engine answers to the reader: "allowed" or its words, in a process with a store of its own."""
    data, users, configuration = folder / "data", folder / "users.xml", folder / "config.xml"
    environment = os.environ | {"CLICKHOUSE_READER_PASSWORD": "", "TOCSIN_CLICKHOUSE": f"chdb://{data}?database=tocsin"}
    subprocess.run([sys.executable, "-m", "agents", "migrate"], env=environment, capture_output=True, check=True)
    root = ET.fromstring(XML)
    (reader,) = root.iterfind("users/tocsin_reader")
    reader.tag = "default"  # whom the engine works as
    ET.SubElement(next(root.iterfind("profiles")), "default")
    ET.ElementTree(root).write(users)
    configuration.write_text(CONFIGURATION.format(data=data, users=users), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", ASK, str(data), str(configuration)], input=json.dumps(queries), text=True,
        capture_output=True, check=True, env=environment,
    )  # fmt: skip
    return ran.stdout.splitlines()


def granted(text: str) -> set[str]:
    return set(re.findall(r"GRANT SELECT ON tocsin\.(\w+)", text))


def test_every_table_is_granted_but_who_is_behind_a_pseudonym_or_withdrew() -> None:
    shown = {table.name for table in TABLES} - {IDENTITIES.name, TOMBSTONES.name} | VIEWS

    assert granted(XML) == shown
    assert granted(SQL) == shown


def test_both_definitions_have_the_same_limits() -> None:
    root = ET.fromstring(XML)
    profile, quota = root.find("profiles/tocsin_reader"), root.find("quotas/tocsin_reader/interval")

    assert profile is not None
    assert quota is not None
    for setting in profile:
        if setting.tag != "constraints":
            assert re.search(rf"\b{setting.tag} = {setting.text}\b", SQL), setting.tag
    for limit in profile.iterfind("constraints/*/max"):
        assert f"MAX {limit.text}" in SQL
    for limit in quota:
        assert re.search(rf"\b{limit.tag} = {limit.text}\b|INTERVAL {limit.text} second", SQL), limit.tag


def test_a_server_understands_each_statement(engine: Client) -> None:
    """The embedded engine has nowhere to keep users: it reads a statement, then says that it may not."""
    statements = [text.strip() for text in re.sub(r"^--.*\n", "", SQL, flags=re.MULTILINE).split(";\n") if text.strip()]
    said = []
    for statement in statements:
        with pytest.raises(DatabaseError) as refused:
            engine.command(statement)
        said.append(refused.value.code)

    assert len(said) == len(granted(SQL)) + 3
    assert set(said) <= {NO_RIGHTS, NO_ROLE}
    with pytest.raises(DatabaseError) as misspelt:
        engine.command(statements[0].replace("ROLE", "ROL"))
    assert misspelt.value.code == SYNTAX


FORBIDDEN = {
    "SELECT * FROM tocsin.identities": "ACCESS_DENIED",
    "INSERT INTO tocsin.minutes (brand) VALUES ('a')": "ACCESS_DENIED",
    "DROP TABLE tocsin.minutes": "ACCESS_DENIED",
    "ALTER TABLE tocsin.minutes DELETE WHERE 1": "ACCESS_DENIED",
    "CREATE TABLE tocsin.mine (a Int8) ENGINE = Memory": "ACCESS_DENIED",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')": "ACCESS_DENIED",
    "SELECT * FROM url('http://169.254.169.254/', 'LineAsString')": "ACCESS_DENIED",
    "SELECT 1 SETTINGS max_execution_time = 3600": "SETTING_CONSTRAINT_VIOLATION",
    "SELECT 1 SETTINGS max_execution_time = 0": "SETTING_CONSTRAINT_VIOLATION",
    "SELECT 1 SETTINGS max_memory_usage = 0": "SETTING_CONSTRAINT_VIOLATION",
    "SELECT 1 SETTINGS readonly = 0": "READONLY",
    "SELECT number FROM numbers(2000000)": "TOO_MANY_ROWS_OR_BYTES",
}

GREEDY = ("SELECT count() FROM numbers(4900000000)",) * 3  # one of them may be the last of a minute's quota


def test_the_reader_may_ask_what_dashboards_ask_nothing_else_and_not_for_ever(tmp_path: Path) -> None:
    view = View(0, 3_600, ("acme",))
    dashboards = [view.filled(panel.query) for panel in panels() if panel.clickhouse] + sorted(set(choices()))
    settings = ["USE tocsin", "SELECT 1 SETTINGS max_execution_time = 60"]
    said = as_reader(tmp_path, [*settings, *dashboards, *FORBIDDEN, *GREEDY])
    asked = len(settings) + len(dashboards)
    refused = dict(zip(FORBIDDEN, said[asked : asked + len(FORBIDDEN)], strict=True))

    assert said[:asked] == ["allowed"] * asked
    assert {query: word for query, word in FORBIDDEN.items() if word not in refused[query]} == {}
    assert "QUOTA_EXCEEDED" in " ".join(said[-2:])
