"""What is deployed is safe by default, complete, and the same everywhere."""

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from jsonschema import Draft202012Validator

from agents.cli import app
from agents.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
EXAMPLE = (DEPLOY / "env.example").read_text(encoding="utf-8")
EXPLAINED = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))

every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def one_shot(service: dict[str, Any]) -> bool:
    return service.get("restart") == "no"


def has_health_check(service: dict[str, Any]) -> bool:
    """Its own, or that of the image it is built from."""
    if "build" in service:
        dockerfile = DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]
        return "\nHEALTHCHECK " in dockerfile.read_text(encoding="utf-8")
    return "test" in service.get("healthcheck", {})


@every_service
def test_a_service_is_watched_unless_it_ends_by_itself(name: str) -> None:
    assert one_shot(SERVICES[name]) or has_health_check(SERVICES[name])


@pytest.mark.parametrize("name", sorted(name for name in SERVICES if "build" in SERVICES[name]))
def test_a_service_of_ours_is_watched_where_it_listens(name: str) -> None:
    service = SERVICES[name]
    dockerfile = (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).read_text(encoding="utf-8")
    own = service.get("healthcheck", {})
    asked = str(own["test"]) if "test" in own else dockerfile.partition("\nHEALTHCHECK ")[2]
    ports = [published.rpartition(":")[2] for published in service.get("ports", [])]

    assert own.get("disable") or ports
    assert [port for port in ports if f"127.0.0.1:{port}/healthz" not in asked] == []


@every_service
def test_a_service_needs_none_that_its_profile_leaves_out(name: str) -> None:
    own = set(SERVICES[name].get("profiles", []))
    needed = {other: set(SERVICES[other].get("profiles", [])) for other in SERVICES[name].get("depends_on", {})}

    assert [other for other, profiles in needed.items() if profiles and not own <= profiles] == []
    assert [other for other, profiles in needed.items() if profiles and not own] == []


def test_what_everybody_needs_starts_without_a_profile_and_nothing_else_does() -> None:
    always = {name for name, service in SERVICES.items() if not service.get("profiles")}

    assert always == {"kafka", "clickhouse", "topics", "migrate", "worker"}


def test_grafana_is_told_every_variable_of_its_data_sources_and_finds_its_dashboards() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    sources = (provisioning / "datasources" / "tocsin.yaml").read_text(encoding="utf-8")
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "tocsin.yaml").read_text(encoding="utf-8"))["providers"]
    plugins = {source["type"] for source in yaml.safe_load(sources)["datasources"]} - {"prometheus"}
    told, mounted = SERVICES["grafana"]["environment"], SERVICES["grafana"]["volumes"]

    assert set(re.findall(r"\$\{([A-Z_]+)\}", sources)) <= told.keys()
    assert plugins == {told["GF_PLUGINS_PREINSTALL_SYNC"]}
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounted
    assert "/etc/clickhouse-server/users.d/" in str(SERVICES["clickhouse"]["volumes"])


@every_service
def test_a_port_is_published_on_loopback_only(name: str) -> None:
    ports = SERVICES[name].get("ports", [])

    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []


@every_service
def test_a_service_waits_until_what_it_needs_is_healthy_or_done(name: str) -> None:
    expected = {
        needed: "service_completed_successfully" if one_shot(SERVICES[needed]) else "service_healthy"
        for needed in SERVICES[name].get("depends_on", {})
    }

    assert {needed: on["condition"] for needed, on in SERVICES[name].get("depends_on", {}).items()} == expected


@every_service
def test_an_image_has_a_version(name: str) -> None:
    service = SERVICES[name]

    assert "build" in service or re.search(r":v?\d+\.\d+", service["image"])


def test_every_variable_of_compose_is_explained_in_the_example() -> None:
    ours = set(re.findall(r"\bTOCSIN_[A-Z_]+", COMPOSE))
    interpolated = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))

    assert ours | interpolated <= EXPLAINED
    assert ours
    assert interpolated


def test_every_setting_of_the_example_is_one_the_worker_knows() -> None:
    known = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}

    assert {name for name in EXPLAINED if name.startswith("TOCSIN_")} <= known


def test_the_watch_list_that_is_mounted_exists() -> None:
    mounted = re.search(r"^WATCHLIST_FILE=(.+)$", EXAMPLE, re.MULTILINE)

    assert mounted
    assert (DEPLOY / mounted[1]).is_file()


def test_users_get_the_kafka_that_the_tests_ran_against() -> None:
    tested = re.search(r"<version>(.+?)</version>", (DEPLOY / "kafka" / "pom.xml").read_text(encoding="utf-8"))

    assert tested
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{tested[1]}"


def test_the_image_does_not_run_as_root() -> None:
    last_stage = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]

    (user,) = re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE)

    assert user == "10001:10001"
    assert "groupadd --system --gid 10001" in last_stage
    assert "useradd --system --uid 10001 --gid 10001" in last_stage


def test_the_dockerfile_breaks_no_rule_of_its_trade() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_compose_is_what_compose_takes() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    validator = Draft202012Validator(json.loads(vendored.read_text(encoding="utf-8")))
    whole = yaml.safe_load(COMPOSE)

    assert [error.message for error in validator.iter_errors(whole)] == []
    assert list(validator.iter_errors(whole | {"services": {"worker": {"imagee": "tocsin"}}}))


def test_what_is_mounted_from_here_is_here() -> None:
    mounted = re.findall(r"^ +- (\./[^:]+):", COMPOSE, re.MULTILINE)

    assert mounted
    assert [path for path in mounted if not (DEPLOY / path).exists()] == []


def test_prometheus_reads_the_rules_that_are_mounted_and_asks_the_worker() -> None:
    told = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8"))
    (target,) = told["scrape_configs"][0]["static_configs"][0]["targets"]

    assert [path for path in told["rule_files"] if f":{path}:ro" not in COMPOSE] == []
    assert target.partition(":")[0] in SERVICES
    assert f":{target.partition(':')[2]}" in SERVICES["worker"]["ports"][0]


@pytest.mark.parametrize("script", [".ci/run", "deploy/kafka/broker.py"])
def test_what_is_called_as_a_program_is_executable(script: str) -> None:
    assert os.access(DEPLOY.parent / script, os.X_OK)


@pytest.mark.parametrize("name", sorted(name for name in SERVICES if "build" in SERVICES[name]))
def test_a_service_of_ours_runs_a_command_that_exists(name: str) -> None:
    command = typer.main.get_command(app)
    options = [word for word in SERVICES[name]["command"] if word.startswith("--")]
    for word in SERVICES[name]["command"]:
        if word.startswith("--"):
            break
        command = command.commands[word]

    assert not hasattr(command, "commands"), f"{command.name} needs a subcommand"
    assert set(options) <= {name for parameter in command.params for name in parameter.opts}
