"""What kustomize makes of k8s/: whole, valid, and as closed as it says."""

from __future__ import annotations

import json
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from services.ledger.client.feed.kafka_topic import group_options
from services.notifier.__main__ import NAME
from services.runtime import limits
from services.runtime.kafka import KafkaSettings
from tests.support.kustomize.render import ROOT, Resource, of_kind, pod_of, render

FOLDERS = (
    "base",
    *(f"{overlay}{phase}" for overlay in ("overlays/test", "overlays/production") for phase in ("", "/after")),
)
OVERLAYS = ("overlays/test", "overlays/production")
PROCESSES = ("gateway", "ledger", "retention", "notifier")
# The oldest that has all we use, and a newer one.
KUBERNETES = ("1.33", "1.37")
CRDS = ROOT / "tests/support/crds"
ALLOWED_VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "secret"}
DAY_MS = 24 * 3600 * 1000


@pytest.fixture(params=FOLDERS)
def rendered(request: pytest.FixtureRequest) -> tuple[Resource, ...]:
    """The resources of each folder that is applied to a cluster."""
    return render(request.param)


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> tuple[Resource, ...]:
    """The resources of each overlay."""
    return render(request.param)


def faults_of(resource: Resource) -> list[str]:
    """What is wrong with a resource, by the schema of its kind."""
    schema = CRDS / f"{resource['kind']}.json"
    if schema.exists():
        validator = Draft7Validator(json.loads(schema.read_bytes()))
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(resource)]
    faults = []
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(f"{version} {'.'.join(map(str, error.path))}: {error.message}")
    return faults


def test_every_resource_fits_its_schema(rendered: tuple[Resource, ...]) -> None:
    """Kubernetes, CloudNativePG, Strimzi and KEDA know every field, and each has a value of its type."""
    faults = {f"{each['kind']}/{each['metadata']['name']}": faults_of(each) for each in rendered}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", ("spec", "template", "spec", "containerz")),
        ("Cluster", ("spec", "postgresql", "synchronous", "numbr")),
        ("Kafka", ("spec", "kafka", "listeners", 0, "tsl")),
        ("KafkaUser", ("spec", "authorization", "acl")),
        ("ScaledObject", ("spec", "minReplicas")),
    ],
)
def test_a_misspelled_field_is_found(kind: str, path: tuple[Any, ...]) -> None:
    """The schemas are no formality: a field that nobody knows is named."""
    copy = json.loads(json.dumps(next(each for each in render("overlays/production") if each["kind"] == kind)))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 1
    assert faults_of(copy) != []


def test_pods_are_restricted(rendered: tuple[Resource, ...]) -> None:
    """Every pod meets the restricted standard: no root, no capability, no gain of rights, no token of the cluster."""
    for name, resource in of_kind(rendered, "Deployment", "Job", "StatefulSet").items():
        pod = pod_of(resource)
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}, name
        assert all(volume.keys() & ALLOWED_VOLUMES for volume in pod.get("volumes", ())), name
        for container in [*pod["containers"], *pod.get("initContainers", ())]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False, name
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name


def test_namespaces_enforce_the_restricted_standard(overlay: tuple[Resource, ...]) -> None:
    """The cluster itself refuses a pod that is less closed; everything stands in that namespace."""
    ((name, namespace),) = of_kind(overlay, "Namespace").items()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"].get("namespace") for each in overlay if each["kind"] != "Namespace"} == {name}


def test_our_processes_write_nowhere_but_in_their_folders(rendered: tuple[Resource, ...]) -> None:
    """The root is read-only; secrets are mounted to be read, and taken over into memory."""
    for name, resource in of_kind(rendered, "Deployment", "Job").items():
        pod = pod_of(resource)
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True, name
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        assert {"/tmp", "/run/grootboek"} <= mounts.keys(), name
        assert all(mount["readOnly"] for path, mount in mounts.items() if path.startswith("/run/secrets")), name
        assert next(volume for volume in pod["volumes"] if volume["name"] == "own")["emptyDir"]["medium"] == "Memory"
        # Kubernetes would open the files of a vault to the group otherwise.
        assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch", name


def test_processes_say_how_they_are(overlay: tuple[Resource, ...]) -> None:
    """Each process is asked on its internal port, drains before it is killed, and is not all taken away at once."""
    deployments, budgets = of_kind(overlay, "Deployment"), of_kind(overlay, "PodDisruptionBudget")
    assert deployments.keys() == budgets.keys() == set(PROCESSES)
    for name, deployment in deployments.items():
        (container,) = pod_of(deployment)["containers"]
        paths = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {probe: asked["path"] for probe, asked in paths.items()} == {
            "startupProbe": "/livez",
            "livenessProbe": "/livez",
            "readinessProbe": "/readyz",
        }
        assert {asked["port"] for asked in paths.values()} == {"internal"}
        grace = (
            pod_of(deployment)["terminationGracePeriodSeconds"] - container["lifecycle"]["preStop"]["sleep"]["seconds"]
        )
        assert grace > limits.SHUTDOWN_SECONDS_MAX, name
        assert budgets[name]["spec"]["maxUnavailable"] == 1
        assert budgets[name]["spec"]["selector"]["matchLabels"] == deployment["spec"]["selector"]["matchLabels"]
        keys = {each["topologyKey"] for each in pod_of(deployment)["topologySpreadConstraints"]}
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_one_of_each_is_enough_to_test() -> None:
    """The overlay ``test`` has single replicas and nothing of an operator."""
    resources = render("overlays/test")
    assert {each["spec"]["replicas"] for each in of_kind(resources, "Deployment").values()} == {1}
    assert all("." not in each["apiVersion"].partition("/")[0] or "k8s.io" in each["apiVersion"] for each in resources)


def test_production_runs_more_than_one_of_each_that_is_waited_for() -> None:
    """Gateway, ledger and notifier survive the loss of one; who is scaled on lag has no fixed number."""
    resources = render("overlays/production")
    deployments = of_kind(resources, "Deployment")
    assert all(deployments[name]["spec"]["replicas"] >= 2 for name in ("gateway", "ledger"))
    assert "replicas" not in deployments["notifier"]["spec"]
    scaled = of_kind(resources, "ScaledObject")["notifier"]["spec"]
    (trigger,) = scaled["triggers"]
    assert trigger["type"] == "kafka"
    kafka = KafkaSettings(servers=())
    assert trigger["metadata"]["topic"] == kafka.events_topic
    assert trigger["metadata"]["consumerGroup"] == group_options(kafka, NAME)["group_id"]
    assert 2 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"] <= lanes_of(resources)


def lanes_of(resources: tuple[Resource, ...]) -> int:
    """The number of lanes that every process is told which is told one."""
    told = {
        each["value"]
        for resource in of_kind(resources, "Deployment", "Job").values()
        for each in pod_of(resource)["containers"][0]["env"]
        if each["name"] == "GROOTBOEK_LANES"
    }
    (lanes,) = told
    return int(lanes)


def test_topics_are_what_the_publisher_accepts() -> None:
    """Partition is lane, nothing is compacted, three copies, and gone within the days that envelopes may live on."""
    resources = render("overlays/production")
    topics = {name: topic["spec"] for name, topic in of_kind(resources, "KafkaTopic").items()}
    assert {name: topic["partitions"] for name, topic in topics.items()} == {
        "grootboek.events": lanes_of(resources),
        "grootboek.register": 1,
        "grootboek.dead-letters": 1,
    }
    for topic in topics.values():
        config = topic["config"]
        assert config["cleanup.policy"] == "delete"
        assert 0 < config["retention.ms"] + config["segment.ms"] <= limits.TOPIC_RETENTION_DAYS_MAX * DAY_MS
        assert config["max.message.bytes"] >= limits.TOPIC_MESSAGE_BYTES_MAX
        assert topic["replicas"] == 3
        assert config["min.insync.replicas"] == 2
    assert (
        of_kind(resources, "Kafka")["grootboek"]["spec"]["kafka"]["config"]["unclean.leader.election.enable"] is False
    )


def test_kafka_users_may_do_what_they_do() -> None:
    """The ledger cannot read, notifier cannot write events, the scaler neither; nobody makes or changes a topic."""
    users = of_kind(render("overlays/production"), "KafkaUser")
    rights = {
        name: {
            (acl["resource"]["type"], acl["resource"]["name"], operation)
            for acl in user["spec"]["authorization"]["acls"]
            for operation in acl["operations"]
        }
        for name, user in users.items()
    }
    assert rights.keys() == {"ledger-kafka", "notifier-kafka", "scaler-kafka", "operator-kafka"}
    used = {right[2] for each in rights.values() for right in each}
    assert used == {"Describe", "DescribeConfigs", "Read", "Write"}
    assert not {right for right in rights["ledger-kafka"] if right[2] == "Read"}
    writes = {right[1] for right in rights["notifier-kafka"] if right[2] == "Write"}
    assert writes == {"grootboek.dead-letters"}
    assert {right[2] for right in rights["scaler-kafka"]} == {"Describe"}


def test_the_database_has_every_commit_twice() -> None:
    """A commit is on two servers before it is answered, and the database is not reached without TLS."""
    cluster = of_kind(render("overlays/production"), "Cluster")["grootboek-db"]["spec"]
    assert cluster["instances"] >= 3
    assert cluster["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "required"}
    assert cluster["enableSuperuserAccess"] is False
    assert "hostnossl all all all reject" in cluster["postgresql"]["pg_hba"]
    unsafe = {"fsync", "full_page_writes", "synchronous_commit"}
    assert not unsafe & cluster["postgresql"]["parameters"].keys()
    assert int(cluster["postgresql"]["parameters"]["max_connections"]) >= 3 * limits.POSTGRES_CONNECTIONS_MAX
