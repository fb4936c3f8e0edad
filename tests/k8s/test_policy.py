"""Pods are as "restricted" asks, and checkov finds nothing but what is written down."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tree

EXCEPTIONS = tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text())
# Of a pod, what the level "restricted" of Kubernetes' Pod Security Standards forbids
# to be true, and the kinds of volumes that it allows.
SHARED_WITH_HOST = ("hostNetwork", "hostPID", "hostIPC")
VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}


def violations(workload):
    """What of a pod is not "restricted"."""
    pod, found = tree.pod_of(workload), []
    found += [name for name in SHARED_WITH_HOST if pod.get(name)]
    for volume in pod.get("volumes", []):
        found += [f"volume {kind}" for kind in set(volume) - {"name"} - VOLUMES]
    for container in tree.containers(workload):
        about = pod.get("securityContext", {}) | container.get("securityContext", {})
        wanted = {
            "runs as root": about.get("runAsNonRoot") is True and about.get("runAsUser") != 0,
            "escalates": about.get("allowPrivilegeEscalation") is False,
            "privileged": not about.get("privileged"),
            "capabilities": about.get("capabilities") == {"drop": ["ALL"]},
            "seccomp": about.get("seccompProfile", {}).get("type") == "RuntimeDefault",
            # Beyond the standard.
            "writes to its root": about.get("readOnlyRootFilesystem") is True,
        }
        found += [name for name, well in wanted.items() if not well]
        found += ["hostPort" for port in container["ports"] if "hostPort" in port]
    return found


@pytest.mark.parametrize("name", tree.TREES)
def test_pods_are_restricted_but_for_the_relays_network(name):
    spaces = {each["metadata"]["name"]: each for each in tree.resources(name, "Namespace")}
    for workload in tree.workloads(name):
        labels = spaces[workload["metadata"]["namespace"]]["metadata"]["labels"]
        level = labels["pod-security.kubernetes.io/enforce"]
        found = violations(workload)
        if workload["metadata"]["name"] == "passerby-turn":
            assert level == "privileged" and set(found) == {"hostNetwork", "hostPort"}
        else:
            assert level == "restricted" and not found, f"{tree.title(workload)}: {found}"


@pytest.mark.parametrize("name", tree.TREES)
def test_no_pod_has_a_token_of_kubernetes(name):
    for workload in tree.workloads(name):
        assert tree.pod_of(workload)["automountServiceAccountToken"] is False


def test_checkov_finds_only_what_is_written_down(tmp_path):
    for name in tree.TREES:
        (tmp_path / f"{name}.yaml").write_text(tree.rendered(name))
    (tmp_path / "Dockerfile").write_text((tree.K8S / "Dockerfile").read_text())
    found, passed = checkov(tmp_path)
    assert passed > 500, "it checked hardly anything"
    written = {(check, each) for check, about in EXCEPTIONS.items() for each in about["of"]}
    assert all(about["why"] for about in EXCEPTIONS.values())
    assert found - written == set()
    assert written - found == set(), "these exceptions are not needed any more"


def checkov(folder):
    """Checks failed, as id and resource, and how many passed."""
    command = [str(Path(sys.executable).parent / "checkov"), "-d", str(folder)]
    command += ["--framework", "kubernetes", "dockerfile", "--skip-download"]
    command += ["--quiet", "--compact", "-o", "json"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    parts = json.loads(made.stdout)
    parts = parts if isinstance(parts, list) else [parts]
    assert all(part["summary"]["parsing_errors"] == 0 for part in parts)
    assert {part["check_type"] for part in parts} == {"kubernetes", "dockerfile"}
    failed = [each for part in parts for each in part["results"]["failed_checks"]]
    named = {(each["check_id"], short(each["resource"])) for each in failed}
    return named, sum(part["summary"]["passed"] for part in parts)


def short(resource):
    """ "Deployment.space.name" as "Deployment/name"; other names as they are."""
    parts = resource.split(".")
    return f"{parts[0]}/{parts[2]}" if len(parts) == 3 else resource
