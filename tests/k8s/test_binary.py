"""Every flag, variable, port, path and metric that is named exists in the binary."""

import json
import os
import re

import names
import node
import pytest
import tree

SECRET = "0123456789abcdef"
# What can't be had outside of a cluster; ports are those of the test.
ELSEWHERE = ("PASSERBY_CLUSTER_URL", "PASSERBY_DATABASE_URL", "PASSERBY_NODE_NAME")


@pytest.fixture(scope="module")
def running():
    with node.Node("--secret", SECRET, "--turn", "on") as found:
        yield found.ready()


def commands(name):
    """Workloads that run the binary, their container, its command and its settings."""
    for workload, container in tree.own(name):
        (command,) = container["args"]
        yield workload, container, command, tree.settings(name, workload, container)


@pytest.mark.parametrize("name", tree.TREES)
def test_manifests_set_only_variables_that_there_are(name):
    found = list(commands(name))
    assert [command for _, _, command, _ in found] == ["turn", "serve"]
    for workload, _, command, settings in found:
        ours = {each for each in settings if each.startswith("PASSERBY_")}
        assert ours - names.variables(command) == set(), tree.title(workload)


@pytest.mark.parametrize("name", tree.TREES)
def test_the_binary_takes_the_values(name, tmp_path):
    for workload, _, command, settings in commands(name):
        listen = {each: "127.0.0.1:0" for each in settings if each.endswith("_LISTEN")}
        settings = {k: v for k, v in settings.items() if k not in ELSEWHERE} | listen
        settings |= {"PASSERBY_SECRET": SECRET, "PATH": os.environ["PATH"]}
        for key in ("PASSERBY_SESSIONS_FILE", "PASSERBY_STORE_QUEUE"):
            if key in settings:
                settings[key] = str(tmp_path / settings[key].rsplit("/", 1)[1])
        with node.Process([node.binary(), command], env=settings) as process:
            node.until("its ports", lambda p=process: p.runs() and "listening on" in p.said())
            assert process.stop() == 0, f"{tree.title(workload)}: {process.said()}"


@pytest.mark.parametrize("name", tree.TREES)
def test_ports_are_those_that_the_binary_listens_on(name):
    for workload, container, command, settings in commands(name):
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        flags = {"ops": "PASSERBY_OPS_LISTEN"}
        if command == "serve":
            flags["http"] = "PASSERBY_LISTEN"
        else:
            flags |= dict.fromkeys(["turn-udp", "turn-tcp"], "PASSERBY_TURN_LISTEN")
        listens = {port: int(settings[flag].rsplit(":", 1)[1]) for port, flag in flags.items()}
        assert ports == listens, tree.title(workload)
        if command == "turn":
            service = next(each[3] for each in commands(name) if each[2] == "serve")
            urls = service["PASSERBY_TURN_URLS"] + "," + service["PASSERBY_STUN_URLS"]
            assert set(re.findall(r":(\d+)", urls)) == {str(ports["turn-udp"])}


@pytest.mark.parametrize("name", tree.TREES)
def test_files_are_written_where_a_volume_is(name):
    for _, container, command, settings in commands(name):
        mounts = [each["mountPath"] for each in container.get("volumeMounts", [])]
        for flag, value in settings.items():
            path = value.removeprefix("sqlite:")
            if flag.startswith("PASSERBY_") and path.startswith("/"):
                assert any(path.startswith(f"{mount}/") for mount in mounts), (command, flag)


def test_probes_and_monitors_ask_for_what_is_answered(running):
    asked = set()
    for workload, container in tree.own(tree.EVERYTHING):
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked.add((container[probe]["httpGet"]["port"], container[probe]["httpGet"]["path"]))
    for kind, key in (("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")):
        (monitor,) = tree.resources(tree.EVERYTHING, kind)
        asked |= {(end["port"], end["path"]) for end in monitor["spec"][key]}
    (ingress,) = tree.resources(tree.EVERYTHING, "Ingress")
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        asked.add((path["backend"]["service"]["port"]["name"], path["path"]))
    expected = {("ops", "/healthz"), ("ops", "/readyz"), ("ops", "/metrics"), ("http", "/")}
    assert asked == expected
    for port, path in asked:
        number = {"ops": running.ops, "http": running.public}[port]
        assert node.get(f"http://127.0.0.1:{number}{path}")[0] == 200, (port, path)


def test_every_metric_exists(running):
    there = running.metrics()
    for title, expression in names.expressions() + names.panels():
        found = names.metrics_in(expression)
        assert names.unknown(found, there) == set(), title
    for scaler in tree.resources(tree.EVERYTHING, "HorizontalPodAutoscaler"):
        pods = [each["pods"] for each in scaler["spec"]["metrics"] if "pods" in each]
        pods = {each["metric"]["name"] for each in pods}
        assert pods and names.unknown(pods, there) == set()


def test_metrics_of_others_are_known_ones():
    for title, expression in names.expressions() + names.panels():
        selectors = set(re.findall(r"([a-z_:][a-z0-9_:]*)(?=[{\[])", expression))
        others = {each for each in selectors if not re.match(r"passerby[_:]", each)}
        assert others - names.FOREIGN == set(), title


def test_what_is_recorded_is_used_and_what_is_used_is_recorded():
    recorded = {name for name, _ in names.expressions() if name.startswith("passerby:")}
    text = " ".join(expression for _, expression in names.expressions() + names.panels())
    assert set(re.findall(r"passerby:[a-z0-9_:]+", text)) == recorded


def test_the_alert_on_a_full_relay_knows_its_limit():
    bound = dict(names.expressions())["PasserbyRelayNearlyFull"].split("> ")[1]
    flag = "PASSERBY_TURN_MAX_ALLOCATIONS"
    limits = [int(each[3][flag]) for each in commands("cluster") if flag in each[3]]
    assert limits == [round(float(bound) / 0.85)]


def test_the_dashboard_is_whole():
    board = json.loads(names.DASHBOARD.read_text())
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["targets"] and panel["description"] and panel["fieldConfig"]
            assert all(each["legendFormat"] for each in panel["targets"]), panel["title"]


def test_what_the_dashboard_counts_is_not_shown_as_a_time():
    for panel in json.loads(names.DASHBOARD.read_text())["panels"]:
        settings = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
        units = {
            each["matcher"]["options"]: setting["value"]
            for each in settings["overrides"]
            for setting in each["properties"]
            if setting["id"] == "unit"
        }
        for target in panel.get("targets", []):
            is_time = "histogram_quantile" in target["expr"] or "_seconds_sum" in target["expr"]
            unit = units.get(target["refId"], settings["defaults"]["unit"])
            assert is_time == (unit == "s"), (panel["title"], target["refId"])


@pytest.mark.parametrize("page", ["kubernetes", "single-machine", "runbook"])
def test_pages_name_only_what_there_is(page, running):
    text = (tree.DOCS / f"{page}.md").read_text()
    known = names.variables("doctor") | names.variables("turn")
    named = {each.rstrip("_") for each in re.findall(r"PASSERBY_[A-Z0-9_]+", text)}
    assert named - known == set()
    assert names.unknown(names.metrics_in(text), running.metrics()) == set()
    # The doctor's are those of serve, and one more.
    flags = names.flags("doctor") | names.flags("turn")
    named = set(re.findall(r"`(--[a-z][a-z0-9-]*)", text))
    assert named - flags == set()
