"""The manifests are whole, valid, and fit each other and the service's times."""

import re
import subprocess

import kubernetes_validate
import pytest
import tree

# The oldest and the newest Kubernetes that docs/kubernetes.md promises.
VERSIONS = ["1.32", "1.37"]
# Of operators; their schemas are not among Kubernetes' own.
FOREIGN = "monitoring.coreos.com/"
# After the drain: handing sessions on, saying good-bye, and some to spare.
LAST_WORDS_SECONDS = 5


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", tree.TREES)
def test_every_resource_is_as_kubernetes_wants_it(name, version):
    own = [each for each in tree.resources(name) if not each["apiVersion"].startswith(FOREIGN)]
    assert len(own) > 10
    for resource in own:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            pytest.fail(f"{tree.title(resource)}: {error.message} at {list(error.path)}")


def test_monitors_name_only_fields_that_the_operator_knows():
    for resource in tree.resources(tree.EVERYTHING):
        if resource["kind"] not in ("ServiceMonitor", "PodMonitor"):
            continue
        service = resource["kind"] == "ServiceMonitor"
        ends = "endpoints" if service else "podMetricsEndpoints"
        assert set(resource["spec"]) == {"jobLabel", "selector", ends}
        for end in resource["spec"][ends]:
            assert set(end) == {"port", "path", "interval"}


def test_monitors_find_what_they_scrape():
    name = tree.EVERYTHING
    (monitor,) = tree.resources(name, "ServiceMonitor")
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    services = [
        each
        for each in tree.resources(name, "Service")
        if wanted <= each["metadata"].get("labels", {}).items()
    ]
    (service,) = services
    assert service["metadata"]["labels"]["app.kubernetes.io/name"] == "passerby"
    ports = {port["name"] for port in service["spec"]["ports"]}
    assert monitor["spec"]["endpoints"][0]["port"] in ports
    (pods,) = tree.resources(name, "PodMonitor")
    relay = tree.one(name, "Deployment", "passerby-turn")
    selector = pods["spec"]["selector"]["matchLabels"].items()
    assert selector <= relay["spec"]["template"]["metadata"]["labels"].items()
    ports = {port["name"] for port in tree.containers(relay)[0]["ports"]}
    assert pods["spec"]["podMetricsEndpoints"][0]["port"] in ports


def test_nothing_is_rendered_while_a_secret_is_missing(tmp_path):
    copy = tree.copy_to(tmp_path)
    (copy / "overlays/cluster/signing.env").unlink()
    command = [tree.kubectl(), "kustomize", str(copy / "overlays/cluster")]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode != 0 and "signing.env" in made.stderr


@pytest.mark.parametrize("name", tree.TREES)
def test_whatever_a_pod_names_is_there(name):
    for workload in tree.workloads(name):
        space = workload["metadata"]["namespace"]
        pod = tree.pod_of(workload)
        volumes = {each["name"] for each in pod.get("volumes", [])}
        claims = workload["spec"].get("volumeClaimTemplates", [])
        volumes |= {each["metadata"]["name"] for each in claims}
        for container in tree.containers(workload):
            # Looks up each ConfigMap and each key of a Secret.
            tree.settings(name, workload, container)
            mounts = {each["name"] for each in container.get("volumeMounts", [])}
            assert mounts <= volumes, tree.title(workload)
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                names = {port["name"] for port in container["ports"]}
                about = container[probe].get("httpGet") or container[probe].get("tcpSocket")
                assert about is None or about["port"] in names, f"{tree.title(workload)} {probe}"
        if account := pod.get("serviceAccountName"):
            tree.in_space(name, "ServiceAccount", space, account)
        for volume in pod.get("volumes", []):
            if "configMap" in volume:
                tree.in_space(name, "ConfigMap", space, volume["configMap"]["name"])
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                tree.in_space(name, "PersistentVolumeClaim", space, claim)


@pytest.mark.parametrize("name", tree.TREES)
def test_a_variable_is_put_together_from_earlier_ones(name):
    for workload in tree.workloads(name):
        for container in tree.containers(workload):
            known = set()
            for variable in container.get("env", []):
                used = set(re.findall(r"\$\((\w+)\)", variable.get("value", "")))
                assert used <= known, f"{tree.title(workload)}: {variable['name']}"
                known.add(variable["name"])
            used = set(re.findall(r"\$\((\w+)\)", " ".join(container.get("args", []))))
            assert used <= known, tree.title(workload)


@pytest.mark.parametrize("name", tree.TREES)
def test_services_policies_and_budgets_choose_pods_that_are_there(name):
    pods = {
        (each["metadata"]["namespace"], frozenset(labels.items())): each
        for each in tree.workloads(name)
        for labels in [each["spec"]["template"]["metadata"]["labels"]]
    }

    def chosen(space, selector):
        wanted = set(selector.items())
        return [pod for (where, labels), pod in pods.items() if where == space and wanted <= labels]

    for resource in tree.resources(name):
        space, spec = resource["metadata"].get("namespace"), resource.get("spec", {})
        if resource["kind"] == "Service":
            (workload,) = chosen(space, spec["selector"])
            ports = {p["name"] for c in tree.containers(workload) for p in c["ports"]}
            assert {each["targetPort"] for each in spec["ports"]} <= ports, tree.title(resource)
        elif resource["kind"] == "PodDisruptionBudget":
            assert chosen(space, spec["selector"]["matchLabels"]), tree.title(resource)
        elif resource["kind"] == "NetworkPolicy":
            check_policy(resource, chosen)


def check_policy(policy, chosen):
    space, spec = policy["metadata"]["namespace"], policy["spec"]
    targets = chosen(space, spec["podSelector"].get("matchLabels", {}))
    assert targets, tree.title(policy)
    for rule in spec.get("ingress", []) + spec.get("egress", []):
        peers = [each for each in rule.get("to", []) + rule.get("from", [])]
        assert peers and rule["ports"], f"{tree.title(policy)} is open to everybody"
        for peer in peers:
            if "podSelector" in peer and "namespaceSelector" not in peer:
                assert chosen(space, peer["podSelector"]["matchLabels"]), tree.title(policy)


@pytest.mark.parametrize("name", tree.TREES)
def test_only_named_ports_can_be_reached(name):
    """The operations port by the monitoring alone, and nothing beside what is listed."""
    allowed = set()
    for policy in tree.resources(name, "NetworkPolicy"):
        who = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name")
        for rule in policy["spec"].get("ingress", []):
            for peer in rule["from"]:
                space = peer.get("namespaceSelector", {}).get("matchLabels", {})
                pods = peer.get("podSelector", {}).get("matchLabels", {})
                source = next(iter(space.values()), None) or pods["app.kubernetes.io/name"]
                allowed |= {(source, who, port["port"]) for port in rule["ports"]}
    single = {("ingress-nginx", "passerby", "http"), ("monitoring", "passerby", "ops")}
    nats = {("passerby", "passerby-nats", "client"), ("passerby-nats", "passerby-nats", "cluster")}
    postgres = {("passerby", "passerby-postgres", "postgres")}
    expected = {"single": single, "cluster": single | nats | postgres}
    assert allowed == expected.get(name, single | nats)
    for space in {each["metadata"]["namespace"] for each in tree.resources(name, "NetworkPolicy")}:
        everything = tree.in_space(name, "NetworkPolicy", space, "nothing-else")["spec"]
        assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("name", tree.TREES)
def test_a_stopping_node_has_the_time_that_it_takes(name):
    node, container = next(each for each in tree.own(name) if each[1]["args"] == ["serve"])
    flags = tree.settings(name, node, container)
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    drain = (int(flags["PASSERBY_DRAIN_DELAY_MS"]) + int(flags["PASSERBY_DRAIN_MS"])) / 1000
    given = tree.pod_of(node)["terminationGracePeriodSeconds"]
    assert given >= sleep + drain + LAST_WORDS_SECONDS
    if name == "single":
        assert node["spec"]["strategy"] == {"type": "Recreate"} and node["spec"]["replicas"] == 1
        return
    # Longer than proxies that ask /readyz take to see it, with the probe of Kubernetes.
    probe = container["readinessProbe"]
    assert int(flags["PASSERBY_DRAIN_DELAY_MS"]) >= probe["periodSeconds"] * 1000 and sleep > 0
    update = node["spec"]["strategy"]["rollingUpdate"]
    assert update == {"maxUnavailable": 0, "maxSurge": 1}


@pytest.mark.parametrize("name", ["cluster", tree.EVERYTHING])
def test_the_autoscaler_keeps_room_and_does_not_flap(name):
    scaler = tree.one(name, "HorizontalPodAutoscaler", "passerby")["spec"]
    node = tree.one(name, "Deployment", "passerby")
    flags = tree.settings(name, node, tree.containers(node)[0])
    assert "replicas" not in node["spec"], "applying it again would send people away"
    people = next(each["pods"] for each in scaler["metrics"] if each["type"] == "Pods")
    half = int(flags["PASSERBY_MAX_CONNECTIONS"]) // 2
    assert people["metric"]["name"] == "passerby_connections"
    assert int(people["target"]["averageValue"]) <= half
    assert scaler["minReplicas"] >= 3 and {each["type"] for each in scaler["metrics"]} == {
        "Pods",
        "Resource",
    }
    down = scaler["behavior"]["scaleDown"]
    grace = tree.pod_of(node)["terminationGracePeriodSeconds"]
    assert down["stabilizationWindowSeconds"] >= 600
    assert all(each["value"] == 1 and each["periodSeconds"] > grace for each in down["policies"])


def test_the_single_node_is_not_scaled_and_keeps_its_data():
    assert not tree.resources("single", "HorizontalPodAutoscaler")
    node = tree.one("single", "Deployment", "passerby")
    (data,) = [each for each in tree.pod_of(node)["volumes"] if each["name"] == "data"]
    assert data == {"name": "data", "persistentVolumeClaim": {"claimName": "passerby-data"}}


@pytest.mark.parametrize("name", tree.TREES)
def test_variables_named_after_services_cannot_pass_for_flags(name):
    for workload in tree.workloads(name):
        assert tree.pod_of(workload)["enableServiceLinks"] is False, tree.title(workload)


@pytest.mark.parametrize("name", tree.TREES)
def test_websockets_outlast_the_proxy(name):
    (ingress,) = tree.resources(name, "Ingress")
    notes = ingress["metadata"]["annotations"]
    for side in ("read", "send"):
        # The service pings every 20 s.
        assert int(notes[f"nginx.ingress.kubernetes.io/proxy-{side}-timeout"]) > 20
    # A picture of a report: 256 KB.
    assert notes["nginx.ingress.kubernetes.io/proxy-body-size"] == "512k"
