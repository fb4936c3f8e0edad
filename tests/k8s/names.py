"""What flags, variables and metrics there are, and what of them is named where."""

import functools
import json
import re

import node
import tree

RULES = tree.K8S / "components/monitoring/passerby.rules.yml"
DASHBOARD = tree.K8S / "components/monitoring/dashboard.json"
# Metrics of others that the rules use: Prometheus itself and kube-state-metrics.
FOREIGN = {"up", "kube_pod_deletion_timestamp"}
# They have no series before the first time that it happens, so a node that runs well
# may not show them: their names are looked up in the source.
RARE = {
    "passerby_bans_total",
    "passerby_limited_total",
    "passerby_reports_total",
    "passerby_store_dropped_total",
    "passerby_store_writes_total",
}


@functools.cache
def flags(command):
    """The flags of a command."""
    return set(re.findall(r"^ +(--[a-z][a-z0-9-]*)", node.help_of(command), re.M))


def variables(command):
    """The same as environment variables."""
    return {"PASSERBY_" + each[2:].upper().replace("-", "_") for each in flags(command)}


def expressions():
    """Each rule's name and expression."""
    groups = tree.yaml.safe_load(RULES.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    return [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules]


def panels():
    """Each query of the dashboard with its panel's title."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [(panel["title"], each["expr"]) for panel in panels for each in panel.get("targets", [])]


def metrics_in(text):
    """The metrics that a text names, without what a histogram adds to its name."""
    names = set(re.findall(r"(?<![\w:])passerby_[a-z0-9_]+(?![\w:])", text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def shown(metrics):
    """The metrics that a node shows."""
    return set(re.findall(r"^# TYPE (\w+)", metrics, re.M))


def is_declared(metric):
    """Whether the source declares it."""
    literal = '"' + metric.removeprefix("passerby_") + '"'
    files = (tree.ROOT / "src/metrics").glob("*.rs")
    return any(literal in file.read_text() for file in files)


def unknown(metrics, there):
    """Those of `metrics` that do not exist; `there` is what a node shows."""
    rare = {metric for metric in RARE if is_declared(metric)}
    return metrics - shown(there) - rare
