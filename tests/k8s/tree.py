"""The manifests of k8s/, rendered as kubectl does it."""

import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "k8s"
DOCS = ROOT / "docs"
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")

# What is rendered: the overlays, and one with every component that they leave out.
EVERYTHING = "everything"
TREES = ["single", "cluster", EVERYTHING]

# What docs/kubernetes.md has an operator write; no secret is in the repository.
SECRETS = {
    "signing.env": "secret=0123456789abcdef\n",
    "passwords.env": "nats=aaaa\npostgres=bbbb\ndatabase=postgres://u:cccc@db.example/passerby\n",
}


def kubectl():
    """`$KUBECTL`, what `make setup-k8s` installed, or what is on the path."""
    installed = TARGET / "k8s/kubectl"
    return os.environ.get("KUBECTL") or (str(installed) if installed.exists() else "kubectl")


def copy_to(folder):
    """A copy of k8s/ in which the secrets are written, and a tree with all components."""
    tree = Path(folder) / "k8s"
    shutil.copytree(K8S, tree)
    overlays = tree / "overlays"
    whole = shutil.copytree(overlays / "cluster", overlays / EVERYTHING)
    text = (whole / "kustomization.yaml").read_text()
    changed = text.replace("  # - ../../components/monitoring", "  - ../../components/monitoring")
    changed = changed.replace("components/postgres\n", "components/external-postgres\n")
    assert changed.count("components/monitoring\n") == 1 and "components/postgres\n" not in changed
    (whole / "kustomization.yaml").write_text(changed)
    for overlay in overlays.iterdir():
        for name, content in SECRETS.items():
            (overlay / name).write_text(content)
    return tree


def kustomize(folder):
    """What `kubectl kustomize` makes of a folder, as text."""
    command = [kubectl(), "kustomize", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, f"{folder}: {made.stderr}"
    return made.stdout


@functools.cache
def rendered(name):
    """The text of one tree."""
    with tempfile.TemporaryDirectory() as folder:
        return kustomize(copy_to(folder) / "overlays" / name)


@functools.cache
def parsed(name):
    """All resources of one tree."""
    return [each for each in yaml.safe_load_all(rendered(name)) if each]


def resources(name, kind=None):
    """The resources of one tree, or those of a kind."""
    return [each for each in parsed(name) if kind in (None, each["kind"])]


def title(resource):
    """What a resource is called in messages."""
    about = resource["metadata"]
    return f"{resource['kind']} {about.get('namespace', '')}/{about['name']}"


def one(name, kind, called):
    """The one resource of that kind and name."""
    (found,) = [each for each in resources(name, kind) if each["metadata"]["name"] == called]
    return found


def workloads(name):
    """What makes pods."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Job")
    return [each for each in resources(name) if each["kind"] in kinds]


def pod_of(workload):
    """The pod that a workload makes."""
    return workload["spec"]["template"]["spec"]


def containers(workload):
    """All containers of a workload's pods."""
    pod = pod_of(workload)
    return pod["containers"] + pod.get("initContainers", [])


def own(name):
    """The workloads that run the binary, each with its one container."""
    found = [(each, containers(each)[0]) for each in workloads(name)]
    return [(each, main) for each, main in found if main["image"].split(":")[0] == "passerby"]


def settings(name, workload, container):
    """The environment of a container, as name and value; of a secret, its key's text."""
    space = workload["metadata"]["namespace"]
    found = {}
    for source in container.get("envFrom", []):
        found |= in_space(name, "ConfigMap", space, source["configMapRef"]["name"])["data"]
    for variable in container.get("env", []):
        found[variable["name"]] = value_of(name, space, variable)
    return found


def value_of(name, space, variable):
    source = variable.get("valueFrom")
    if source is None:
        return variable["value"]
    if "fieldRef" in source:
        return f"({source['fieldRef']['fieldPath']})"
    wanted = source["secretKeyRef"]
    secret = in_space(name, "Secret", space, wanted["name"])
    assert wanted["key"] in secret["data"], f"{title(secret)} has no {wanted['key']}"
    return f"(secret {wanted['key']})"


def in_space(name, kind, space, called):
    """The resource of that name in a namespace."""
    found = [
        each
        for each in resources(name, kind)
        if (each["metadata"]["name"], each["metadata"].get("namespace")) == (called, space)
    ]
    assert len(found) == 1, f"{kind} {space}/{called} is there {len(found)} times"
    return found[0]
