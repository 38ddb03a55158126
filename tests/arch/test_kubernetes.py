"""What is applied to Kubernetes is valid, confined, complete, and tells workers what they understand."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from agents import worker
from agents.settings import PREFIX, STAGES, Settings, load
from schemas.topics import POSTS

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FOLDER = DEPLOY / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
FILES = [FOLDER / name for name in (*KUSTOMIZATION["resources"], "secret.example.yaml")]
MANIFESTS: list[dict[str, Any]] = [one for file in FILES for one in yaml.safe_load_all(file.read_text("utf-8"))]
DEPLOYMENTS = {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == "Deployment"}
SECRET: dict[str, str] = next(one for one in MANIFESTS if one["kind"] == "Secret")["stringData"]
VARIABLES = dict(line.split("=", 1) for line in (FOLDER / "settings.env").read_text("utf-8").splitlines())
SCALER, CREDENTIALS = yaml.safe_load_all((FOLDER / "keda" / "listen-scaler.yaml").read_text("utf-8"))
MOUNTED = "/run/secrets/tocsin/"
VERSION = "1.33"

every_manifest = pytest.mark.parametrize(
    "manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return found


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod(manifest).get("initContainers", []), *pod(manifest)["containers"]]


PODS = [one for one in MANIFESTS if one["kind"] in {"Deployment", "Job"}]
CONTAINERS = [(one, container) for one in PODS for container in containers(one)]


@every_manifest
def test_a_manifest_is_what_kubernetes_takes(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_the_check_of_manifests_finds_a_misspelt_field() -> None:
    wrong = deepcopy(DEPLOYMENTS["tocsin-watch"])
    pod(wrong)["terminationGracePeriodSecond"] = 30

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


@pytest.mark.parametrize(("manifest", "container"), CONTAINERS, ids=[item[1]["name"] for item in CONTAINERS])
def test_a_container_is_confined_and_bounded(manifest: dict[str, Any], container: dict[str, Any]) -> None:
    assert pod(manifest)["automountServiceAccountToken"] is False
    assert pod(manifest)["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert set(container["resources"]) == {"requests", "limits"}
    assert container["image"] == KUSTOMIZATION["images"][0]["name"]


def test_pods_run_as_the_user_of_the_image() -> None:
    user = re.search(r"^USER (\d+):(\d+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    contexts = [pod(one)["securityContext"] for one in PODS]

    assert user
    assert {(one["runAsUser"], one["runAsGroup"]) for one in contexts} == {(int(user[1]), int(user[2]))}


def test_every_stage_runs_in_exactly_one_deployment() -> None:
    stages = [stage for one in DEPLOYMENTS.values() for stage in containers(one)[0]["args"][2].split(",")]

    assert sorted(stages) == sorted(STAGES)


def test_deployments_differ_in_name_stages_size_and_number_alone() -> None:
    def alike(manifest: dict[str, Any]) -> str:
        copy, role = deepcopy(manifest), manifest["metadata"]["name"].removeprefix("tocsin-")
        container = containers(copy)[0]
        del copy["spec"]["replicas"], container["args"][2], container["resources"]
        return re.sub(rf"\btocsin-{role}\b|(?<=component: ){role}\b", "ROLE", yaml.safe_dump(copy))

    assert len({alike(one) for one in DEPLOYMENTS.values()}) == 1


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_worker_has_time_to_drain_and_is_judged_by_its_progress(name: str) -> None:
    container = containers(DEPLOYMENTS[name])[0]
    liveness = container["livenessProbe"]
    patience = liveness["periodSeconds"] * liveness["failureThreshold"]

    assert pod(DEPLOYMENTS[name])["terminationGracePeriodSeconds"] > worker.DRAIN_S + worker.STOP_S + worker.CLOSE_S
    assert [container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "readiness", "liveness")] == [
        "/readyz", "/readyz", "/healthz",
    ]  # fmt: skip
    assert patience >= Settings.model_fields["stuck_s"].default / 2  # sick at half of it: the worker ends itself first


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_of_each_deployment_one_pod_at_a_time_may_be_taken(name: str) -> None:
    (budget,) = [one for one in MANIFESTS if one["kind"] == "PodDisruptionBudget" and one["metadata"]["name"] == name]

    assert budget["spec"]["selector"] == DEPLOYMENTS[name]["spec"]["selector"]
    assert budget["spec"]["maxUnavailable"] == 1
    assert DEPLOYMENTS[name]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_settings_are_those_of_a_worker_and_its_secrets_come_from_files(tmp_path: Path) -> None:
    for key, value in SECRET.items():
        (tmp_path / key).write_text(value, encoding="utf-8")
    told = {name: value.replace(MOUNTED, f"{tmp_path}/") for name, value in VARIABLES.items()}
    settings = load(told)
    secrets = {name for name in VARIABLES if name.endswith("_FILE")}

    assert settings.kafka_password.get_secret_value() == SECRET["kafka-password"]
    assert settings.kafka_security == "sasl_ssl"
    assert {value.removeprefix(MOUNTED) for value in VARIABLES.values() if value.startswith(MOUNTED)} == set(SECRET)
    assert secrets == {f"{PREFIX}{name.upper()}_FILE" for name in settings.model_fields_set if "SecretStr" in str(
        Settings.model_fields[name].annotation)}  # fmt: skip


def test_generated_names_are_those_that_pods_ask_for() -> None:
    generated = {one["name"]: one for one in KUSTOMIZATION["configMapGenerator"]}
    asked = {source["configMapRef"]["name"] for _, container in CONTAINERS for source in container["envFrom"]}
    mounted = {volume["configMap"]["name"] for one in PODS for volume in pod(one)["volumes"] if "configMap" in volume}

    assert asked | mounted == set(generated)
    assert (FOLDER / "watchlist.yaml").read_bytes() == (DEPLOY / "watchlist.example.yaml").read_bytes()


def test_the_scaler_is_bounded_by_the_partitions_and_never_sends_everybody_home() -> None:
    spec = SCALER["spec"]
    trigger = spec["triggers"][0]["metadata"]

    assert spec["scaleTargetRef"]["name"] in DEPLOYMENTS
    assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= int(VARIABLES["TOCSIN_POSTS_PARTITIONS"])
    assert trigger["topic"] == POSTS.name
    assert trigger["consumerGroup"] == f"{Settings.model_fields['group'].default}.listen"
    assert trigger["bootstrapServers"] == VARIABLES["TOCSIN_KAFKA"]
    assert {one["key"] for one in CREDENTIALS["spec"]["secretTargetRef"]} <= set(SECRET)
