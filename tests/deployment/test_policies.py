"""Who talks to whom, and who gets to see what: read from the rendered manifests as the cluster will."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.deployment.test_rendered import OVERLAYS, PROCESSES
from tests.support.kustomize.render import ROOT, Resource, of_kind, pod_of, render, secrets_of

PART = "grootboek/part"
# What its operator says of every pod of the database, of those too that only make a server.
DATABASE = ("cnpg.io/cluster", "grootboek-db")
# Who may see a secret. The key of an authority, with which certificates are made, is nobody's.
SECRETS = {
    "gateway-service-key": {"gateway"},
    "ledger-service-key": {"ledger"},
    "retention-service-key": {"retention"},
    "notifier-service-key": {"notifier"},
    "token-keys": {"gateway"},
    "ledger-database": {"ledger", "migrate", "migrate-post"},
    "notifier-database": {"notifier", "migrate", "migrate-post"},
    "owner-database": {"migrate", "migrate-post", "postgres"},
    "notifier-settings": {"notifier"},
    "ledger-kafka": {"ledger"},
    "notifier-kafka": {"notifier"},
    "grootboek-db-ca": {"ledger", "notifier", "migrate", "migrate-post"},
    "grootboek-cluster-ca-cert": {"ledger", "notifier"},
}
# Words of a value that should be a file; and what looks like a key itself.
PRIVATE_VALUE = re.compile(r"-----BEGIN|\"d\":|password: *[\"']?[^\s{\"']|postgresql://[^/@\s]+:[^/@\s]+@")


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> tuple[Resource, ...]:
    """The resources of each overlay."""
    return render(request.param)


def parts_of(selector: Resource) -> set[str]:
    """The parts that a selector of pods names."""
    labels = selector.get("matchLabels", {})
    named = {labels[PART]} if PART in labels else {"postgres"} if DATABASE in labels.items() else set()
    return named | {value for each in selector.get("matchExpressions", ()) for value in each["values"]}


def roads(resources: tuple[Resource, ...], way: str) -> Iterator[tuple[str, str, str | int | None]]:
    """Each (our part, other end, port) that is let through; ``anybody`` where a rule names no other end."""
    side = {"ingress": "from", "egress": "to"}[way]
    for policy in of_kind(resources, "NetworkPolicy").values():
        for part in parts_of(policy["spec"]["podSelector"]) or {"everybody"}:
            for rule in policy["spec"].get(way) or ():
                for end in rule.get(side) or [None]:
                    for port in rule.get("ports") or [{"port": None}]:
                        yield part, name_of(end), port["port"]


def name_of(end: Resource | None) -> str:
    """A part, a namespace, an address or anybody."""
    if end is None:
        return "anybody"
    if "ipBlock" in end:
        return str(end["ipBlock"]["cidr"])
    if "namespaceSelector" in end:
        return f"namespace {end['namespaceSelector']['matchLabels']['kubernetes.io/metadata.name']}"
    (part,) = parts_of(end["podSelector"])
    return part


def test_nothing_is_let_through_that_no_policy_names(overlay: tuple[Resource, ...]) -> None:
    """Everything in the namespace is shut in both directions before anything is opened."""
    shut = of_kind(overlay, "NetworkPolicy")["default-deny"]["spec"]
    assert shut == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_the_gateway_is_reached_from_outside(overlay: tuple[Resource, ...]) -> None:
    """Anybody may come to the public port of the gateway, and nobody to anything else."""
    assert {road for road in roads(overlay, "ingress") if road[1] == "anybody"} == {("gateway", "anybody", "public")}
    services = of_kind(overlay, "Service")
    assert all(service["spec"].get("type", "ClusterIP") == "ClusterIP" for service in services.values())
    assert [port["name"] for port in services["gateway"]["spec"]["ports"]] == ["public"]


def test_who_reaches_whom(overlay: tuple[Resource, ...]) -> None:
    """Ours reach each other as the picture says: retention only the ledger, the gateway no store."""
    ours = {*PROCESSES, "postgres", "kafka", "migrate"}
    out = {(part, end) for part, end, _ in roads(overlay, "egress") if part in ours and end in ours}
    assert out == {
        ("gateway", "ledger"),
        ("gateway", "notifier"),
        ("retention", "ledger"),
        ("notifier", "ledger"),
        ("notifier", "postgres"),
        ("notifier", "kafka"),
        ("ledger", "postgres"),
        ("ledger", "kafka"),
        ("migrate", "postgres"),
    }
    into = {(end, part) for part, end, _ in roads(overlay, "ingress") if part in ours and end in ours}
    assert into - {("postgres", "postgres")} == out


def test_the_pods_that_make_a_database_are_not_shut_in() -> None:
    """They have the label of their operator and none of ours, ask the API of the cluster and copy from the primary."""
    policies = of_kind(render("overlays/production"), "NetworkPolicy")
    label = {"matchLabels": dict([DATABASE])}
    assert policies["postgres-out"]["spec"]["podSelector"] == label
    assert policies["postgres-cluster"]["spec"]["podSelector"] == label
    assert {"podSelector": label} in policies["postgres-cluster"]["spec"]["ingress"][0]["from"]


def test_only_channels_leave_the_cluster(overlay: tuple[Resource, ...]) -> None:
    """Of ours only notifier reaches addresses outside, over TLS, and none within the walls."""
    outside = {road for road in roads(overlay, "egress") if road[0] in PROCESSES and "/" in road[1]}
    assert {(part, port) for part, _, port in outside} == {("notifier", 443), ("notifier", 465), ("notifier", 587)}
    blocks = of_kind(overlay, "NetworkPolicy")["notifier-channels"]["spec"]["egress"][0]["to"]
    assert all(
        {"10.0.0.0/8", "169.254.0.0/16"} <= {*each["ipBlock"]["except"]} or ":" in each["ipBlock"]["cidr"]
        for each in blocks
    )


def test_each_secret_is_seen_by_those_who_need_it() -> None:
    """No process mounts the secret of another; of an authority only the certificate is mounted."""
    seen: dict[str, set[str]] = {}
    for folder in (each + phase for each in OVERLAYS for phase in ("", "/after")):
        for name, resource in of_kind(render(folder), "Deployment", "Job", "StatefulSet").items():
            if "volumes" in pod_of(resource):
                for secret in secrets_of(resource):
                    seen.setdefault(secret, set()).add(name)
                for volume in pod_of(resource)["volumes"]:
                    if volume.get("secret", {}).get("secretName", "").endswith(("-ca", "-ca-cert")):
                        assert [item["key"] for item in volume["secret"]["items"]] == ["ca.crt"]
    assert seen == SECRETS


def test_vault_and_erasure_register_are_the_ledgers(overlay: tuple[Resource, ...]) -> None:
    """Only the ledger mounts the vault and the erasure register, each a volume of its own."""
    claims = {
        (name, volume["persistentVolumeClaim"]["claimName"])
        for name, resource in of_kind(overlay, "Deployment", "Job").items()
        for volume in pod_of(resource)["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claims == {("ledger", "vault"), ("ledger", "erasure-register"), ("notifier", "letters")}


def test_accounts_have_no_token(overlay: tuple[Resource, ...]) -> None:
    """Each process has an account of its own, without a token and without any right in the cluster."""
    accounts = of_kind(overlay, "ServiceAccount")
    assert accounts.keys() == {*PROCESSES, "migrate"}
    assert all(account["automountServiceAccountToken"] is False for account in accounts.values())
    deployments = of_kind(overlay, "Deployment")
    assert all(pod_of(deployment)["serviceAccountName"] == name for name, deployment in deployments.items())
    assert not of_kind(overlay, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "Secret")


def test_images_are_pinned() -> None:
    """Every image has a tag, those of production a digest; none names the host of a registry."""
    for folder in (each + phase for each in OVERLAYS for phase in ("", "/after")):
        for resource in of_kind(render(folder), "Deployment", "Job", "StatefulSet").values():
            for container in pod_of(resource)["containers"]:
                name, _, rest = container["image"].partition(":")
                assert "." not in name, container["image"]
                pattern = (
                    r"\d+(\.\d+)+(@sha256:[0-9a-f]{64})?" if "test" in folder else r"\d+(\.\d+)+@sha256:[0-9a-f]{64}"
                )
                assert re.fullmatch(pattern, rest), container["image"]


def test_no_secret_and_no_registry_stands_in_the_tree() -> None:
    """Manifests name secrets and never hold one; nothing says from where dependencies or images come."""
    files = [
        ROOT / "compose.yaml",
        ROOT / "Containerfile",
        *(ROOT / "k8s").rglob("*.*"),
        *(ROOT / "requirements").iterdir(),
    ]
    for file in files:
        if file.is_file() and file.suffix in {".yaml", ".md", ".txt", ".sh", ""}:
            text = file.read_text(encoding="utf-8")
            assert not PRIVATE_VALUE.search(text), file
            assert not re.search(
                r"(pypi|pythonhosted|ghcr|quay|gcr|docker)\.(org|io)|proxy\.golang|--index-url", text
            ), file
