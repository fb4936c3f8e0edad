"""compose.yaml and its files fit each other and the binary, and are what each program takes.

There is no container engine here. The schema below is what compose.yaml uses of the
Compose specification; a key that is not in it is one that somebody mistyped, or adds
here.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import urllib.parse

import backend
import image
import names
import nats
import node
import pytest
import tree

FOLDER = tree.K8S / "compose"
COMPOSE = tree.yaml.safe_load((tree.K8S / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
TOP = {"name", "services", "volumes", "networks", "x-node", "x-node-environment"}
KEYS = set(
    "build cap_drop command depends_on environment healthcheck image network_mode networks ports "
    "read_only restart security_opt stop_grace_period tmpfs ulimits volumes".split()
)


def ours():
    """The services that run the binary, each with its command."""
    for name, service in SERVICES.items():
        if service["image"].startswith("passerby:"):
            yield name, service, service.get("command", ["serve"])[0]


def nodes():
    return [name for name, _, command in ours() if command == "serve"]


def test_it_has_what_it_should_and_no_unknown_key():
    assert set(COMPOSE) == TOP
    others = {"turn", "haproxy", "nats", "postgres", "prometheus", "grafana"}
    assert set(SERVICES) == {"node1", "node2", "node3"} | others
    for name, service in SERVICES.items():
        assert set(service) <= KEYS, name
        assert re.fullmatch(r"[a-z/]+:v?\d+(\.\d+)*(-alpine)?", service["image"]), name
        depends = service.get("depends_on", [])
        assert set(depends) <= set(SERVICES)
        if isinstance(depends, dict):
            for other, about in depends.items():
                healthy = about["condition"] == "service_healthy"
                assert not healthy or "healthcheck" in SERVICES[other]


def test_what_is_mounted_is_there():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            if source.startswith("."):
                assert (tree.K8S / source).is_file() and volume.endswith(":ro"), volume
            else:
                assert source in COMPOSE["volumes"], volume
            assert target.startswith("/"), (name, volume)
    build = SERVICES["node1"]["build"]
    assert (tree.K8S / build["context"]).resolve() == tree.ROOT
    assert (tree.ROOT / build["dockerfile"]).is_file()


def test_images_are_those_of_the_manifests():
    rendered = {c["image"] for w in tree.workloads("cluster") for c in tree.containers(w)}
    assert rendered <= {service["image"] for service in SERVICES.values()}


def test_the_binary_takes_the_variables_and_values(tmp_path):
    for name, service, command in ours():
        set_here = service["environment"]
        assert set(set_here) <= names.variables(command), name
        settings = {k: v for k, v in set_here.items() if not k.endswith("_URL")}
        settings |= {
            k: str(tmp_path / v.rsplit("/", 1)[1]) for k, v in settings.items() if v[0] == "/"
        }
        settings |= dict.fromkeys(["PASSERBY_OPS_LISTEN", "PASSERBY_TURN_LISTEN"], "127.0.0.1:0")
        settings |= {"PASSERBY_LISTEN": "127.0.0.1:0"} if command == "serve" else {}
        settings["PATH"] = os.environ["PATH"]
        with node.Process([node.binary(), command], env=settings) as process:
            node.until(name, lambda p=process: p.runs() and "listening on" in p.said())
            assert process.stop() == 0, process.said()


def test_nodes_are_one_service_and_differ_in_what_is_their_own():
    environments = [SERVICES[name]["environment"] for name in nodes()]
    own = {"PASSERBY_NODE_NAME"}
    shared = [{k: v for k, v in each.items() if k not in own} for each in environments]
    assert len(environments) == 3 and shared[0] == shared[1] == shared[2]
    assert [each["PASSERBY_NODE_NAME"] for each in environments] == nodes()
    assert SERVICES["turn"]["environment"]["PASSERBY_SECRET"] == shared[0]["PASSERBY_SECRET"]
    volumes = [volume for name in nodes() for volume in SERVICES[name]["volumes"]]
    assert len(set(volumes)) == 3


def test_the_load_balancer_alone_is_trusted():
    about = COMPOSE["networks"]["default"]["ipam"]["config"][0]
    network = ipaddress.ip_network(about["subnet"])
    others = ipaddress.ip_network(about["ip_range"])
    address = ipaddress.ip_address(SERVICES["haproxy"]["networks"]["default"]["ipv4_address"])
    # The first is the gateway's.
    assert address in network and address != network[1] and address not in others
    assert others.subnet_of(network)
    environment = SERVICES["node1"]["environment"]
    assert environment["PASSERBY_TRUSTED_PROXIES"] == str(address)
    assert environment["PASSERBY_PROXY_HEADER"] == "x-forwarded-for"


def test_addresses_and_passwords_are_those_of_the_servers():
    environment = SERVICES["node1"]["environment"]
    broker = urllib.parse.urlsplit(environment["PASSERBY_CLUSTER_URL"])
    config = (FOLDER / "nats.conf").read_text()
    port = int(re.search(r"^port: (\d+)", config, re.M)[1])
    assert (broker.hostname, broker.port) == ("nats", port)
    assert f"user: {broker.username}, password: {broker.password} " in config
    database = urllib.parse.urlsplit(environment["PASSERBY_DATABASE_URL"])
    about = SERVICES["postgres"]["environment"]
    assert (database.hostname, database.port) == ("postgres", 5432)
    assert (database.username, database.password, database.path[1:]) == (
        about["POSTGRES_USER"],
        about["POSTGRES_PASSWORD"],
        about["POSTGRES_DB"],
    )


def test_a_stopping_node_has_the_time_that_it_takes():
    environment = SERVICES["node1"]["environment"]
    delay = int(environment["PASSERBY_DRAIN_DELAY_MS"]) / 1000
    default = re.search(r"--drain-ms .*?\[default: (\d+)\]", node.help_of("serve"), re.S)
    drain = int(default[1]) / 1000
    for name in nodes():
        assert float(SERVICES[name]["stop_grace_period"].rstrip("s")) >= delay + drain + 5
    # The load balancer has seen it by then.
    check = re.search(r"inter (\d+)ms fall (\d+)", (FOLDER / "haproxy.cfg").read_text())
    assert delay * 1000 > 2 * int(check[1]) * int(check[2])


def test_everything_names_the_nodes_and_their_ports():
    ports = dict(ports_of_image())
    haproxy = (FOLDER / "haproxy.cfg").read_text()
    servers = re.findall(r"^ +server (\w+) (\S+)", haproxy, re.M)
    assert servers == [(name, f"{name}:{ports['PASSERBY_LISTEN']}") for name in nodes()]
    assert f"check port {ports['PASSERBY_OPS_LISTEN']} " in haproxy
    prometheus = tree.yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (job,) = prometheus["scrape_configs"]
    targets = [f"{name}:{ports['PASSERBY_OPS_LISTEN']}" for name in nodes()]
    assert job == {"job_name": "passerby", "static_configs": [{"targets": targets}]}


def ports_of_image():
    """The ports that the image sets, by variable."""
    for name, value in image.environment().items():
        yield name, value.rsplit(":", 1)[1]


def test_only_the_page_is_open_to_others():
    published = {port for service in SERVICES.values() for port in service.get("ports", [])}
    assert {port for port in published if not port.startswith("127.0.0.1:")} == {"8080:8080"}


def test_haproxy_takes_its_file(tmp_path):
    text = re.sub(r"(server \w+) \w+:", r"\1 127.0.0.1:", (FOLDER / "haproxy.cfg").read_text())
    file = tmp_path / "haproxy.cfg"
    file.write_text(text)
    made = subprocess.run(["haproxy", "-c", "-f", file], capture_output=True, text=True)
    assert made.returncode == 0 and "[WARNING]" not in made.stderr, made.stderr


def test_haproxy_says_itself_who_comes(tmp_path):
    """Whatever of that the client wrote is not passed on, or stands before it."""
    (port,) = node.free_ports(1)
    with backend.Backend() as behind:
        text = (FOLDER / "haproxy.cfg").read_text().replace("bind :8080", f"bind 127.0.0.1:{port}")
        text = re.sub(r"^ +server node[23].*\n", "", text, flags=re.M)
        # As many open files as a machine of tests has.
        text = text.replace("maxconn 60000", "maxconn 100")
        text = re.sub(r"server node1 \S+", f"server node1 127.0.0.1:{behind.port}", text)
        text = text.replace("check port 9464", f"check port {behind.port}")
        file = tmp_path / "haproxy.cfg"
        file.write_text(text)
        with node.Process([shutil.which("haproxy"), "-db", "-f", file]) as proxy:
            url = f"http://127.0.0.1:{port}/"
            node.until("HAProxy", lambda: proxy.runs() and node.get(url)[0] == 200)
            heard = behind.heard_of(url, backend.FORGED)
    assert heard.get_all("forwarded") is None
    assert heard.get_all("x-forwarded-for")[-1] == "127.0.0.1"


def test_prometheus_takes_its_file(tmp_path):
    for source in (FOLDER / "prometheus.yml", names.RULES):
        (tmp_path / source.name).write_text(source.read_text())
    made = subprocess.run(
        ["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize("file", ["compose/nats.conf", "components/nats/nats.conf"])
def test_nats_takes_its_file(file):
    settings = {"NATS_PASSWORD": "abc", "POD_NAME": "passerby-nats-0"}
    command = [nats.binary(), "-t", "-c", tree.K8S / file]
    made = subprocess.run(command, capture_output=True, text=True, env=settings)
    assert made.returncode == 0, made.stderr


def test_grafana_finds_the_dashboard():
    volumes = [volume.split(":") for volume in SERVICES["grafana"]["volumes"]]
    places = {target: source for source, target, _ in volumes}
    dashboards = tree.yaml.safe_load((FOLDER / "grafana/dashboards.yml").read_text())
    path = dashboards["providers"][0]["options"]["path"]
    assert places[f"{path}/passerby.json"].endswith("monitoring/dashboard.json")
    source = tree.yaml.safe_load((FOLDER / "grafana/datasource.yml").read_text())
    url = urllib.parse.urlsplit(source["datasources"][0]["url"])
    ports = [port.split(":")[-1] for port in SERVICES[url.hostname]["ports"]]
    assert str(url.port) in ports
