"""What is deployed is safe by default, complete, and the same everywhere."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

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

    assert "build" in service or re.search(r":\d+\.\d+", service["image"])


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

    assert re.findall(r"^USER (\w+)$", last_stage, re.MULTILINE) == ["tocsin"]


@pytest.mark.parametrize("script", [".ci/run", "deploy/kafka/broker.py"])
def test_what_is_called_as_a_program_is_executable(script: str) -> None:
    assert os.access(DEPLOY.parent / script, os.X_OK)


@pytest.mark.parametrize("name", sorted(name for name in SERVICES if "build" in SERVICES[name]))
def test_a_service_of_ours_runs_a_command_that_exists(name: str) -> None:
    command = typer.main.get_command(app)
    for word in SERVICES[name]["command"]:
        command = command.commands[word]

    assert not hasattr(command, "commands"), f"{command.name} needs a subcommand"
