"""Three nodes are replaced one after another behind a real load balancer, under load,
with the times of the manifests.

HAProxy asks /readyz itself, as in compose.yaml. nginx is told who is there, as
Kubernetes tells an ingress controller: a pod that is to stop is taken out first, and has
preStop's seconds before it hears of it.
"""

import contextlib
import json
import re
import shutil
import signal
import time
from pathlib import Path

import names
import nats
import node
import pytest
import test_compose
import test_single_machine
import tree

PEOPLE = 120
# Longer than all takes; ended when all nodes were replaced.
SECONDS = 600
SECRET = "the same on all"


class Cluster:
    """Three nodes on ports that they keep when they are replaced."""

    def __init__(self, stack, times):
        (port,) = node.free_ports(1)
        broker = stack.enter_context(nats.Nats(port))
        self.flags = ["--secret", SECRET, "--cluster-url", broker.url, *times]
        self.flags += ["--rematch-wait-ms", "0"]
        self.flags += ["--no-limits"] if "--no-limits" in names.flags("serve") else []
        self.stack = stack
        self.nodes = [self.start() for _ in range(3)]
        self.meet()

    def start(self, ports=None):
        return self.stack.enter_context(node.Node(*self.flags, ports=ports)).ready()

    def meet(self):
        for each in self.nodes:
            whole = f"\npasserby_cluster_nodes {len(self.nodes)}\n"
            node.until("nodes that meet", lambda n=each: whole in n.metrics())

    def replace(self, number, before=lambda: None, after=lambda: None):
        old = self.nodes[number]
        before()
        assert old.stop() == 0, old.said()
        self.nodes[number] = self.start((old.public, old.ops, old.turn))
        self.meet()
        after()
        # The next one goes when people are on this one.
        node.until("people on the new node", lambda: connections(self.nodes[number]) > 5)


def connections(of):
    return int(re.search(r"^passerby_connections (\d+)", of.metrics(), re.M)[1])


class Crowd(node.Process):
    """People who come by the load balancer, and what became of them."""

    def __init__(self, port):
        command = [node.binary(), "load", "mix", "--quiet", "--connections", PEOPLE]
        command += ["--seconds", SECONDS, "--stay-ms", 2000, "--json", "report.json"]
        super().__init__([*command, "--target", f"ws://127.0.0.1:{port}/ws"])

    def report(self):
        """Has them leave, and tells."""
        code = self.stop(signal.SIGINT)
        report = json.loads((Path(self.folder.name) / "report.json").read_text())
        assert code == 0 and report["violationCount"] == 0, report["violations"]
        return report


def check(report):
    """Nobody lost a room, and nobody was refused but for those who were told to go."""
    count = lambda name: report["counts"].get(name, 0)  # noqa: E731
    assert count("matches") > 500 and count("resumes") > PEOPLE, report["counts"]
    # Of a thousand rooms at most one: those of two who are moved at one moment.
    assert count("partners_lost") * 1000 <= count("matches") / 2, report["counts"]
    assert count("pairs_cut") * 100 <= count("matches") / 2, report["counts"]
    assert not report["errors"], report["errors"]


@pytest.mark.long
def test_nodes_are_replaced_behind_haproxy(tmp_path):
    delay = test_compose.SERVICES["node1"]["environment"]["PASSERBY_DRAIN_DELAY_MS"]
    with contextlib.ExitStack() as stack:
        cluster = Cluster(stack, ["--drain-delay-ms", delay])
        proxy, port = stack.enter_context(haproxy(tmp_path, cluster.nodes))
        crowd = stack.enter_context(Crowd(port))
        for number in range(3):
            node.until("people on it", lambda n=number: connections(cluster.nodes[n]) > 20)
            cluster.replace(number)
        assert proxy.runs()
        check(crowd.report())


@contextlib.contextmanager
def haproxy(folder, nodes):
    """HAProxy with compose's file; the nodes stand on other ports here."""
    (port,) = node.free_ports(1)
    text = (test_compose.FOLDER / "haproxy.cfg").read_text()
    text = text.replace("bind :8080", f"bind 127.0.0.1:{port}").replace("60000", "4000")
    for name, each in zip(test_compose.nodes(), nodes, strict=True):
        text = text.replace(f"{name}:8080", f"127.0.0.1:{each.public} port {each.ops}")
    text = text.replace("check port 9464", "check")
    file = folder / "haproxy.cfg"
    file.write_text(text)
    with node.Process([shutil.which("haproxy"), "-db", "-f", file]) as proxy:
        url = f"http://127.0.0.1:{port}/healthz"
        node.until("HAProxy", lambda: proxy.runs() and node.get(url)[0] == 200)
        yield proxy, port


@pytest.mark.long
def test_nodes_are_replaced_behind_nginx(tmp_path):
    workload, container = next(e for e in tree.own("cluster") if e[1]["args"] == ["serve"])
    settings = tree.settings("cluster", workload, container)
    times = [
        part
        for flag in ("drain-delay-ms", "drain-ms")
        for part in (f"--{flag}", settings["PASSERBY_" + flag.upper().replace("-", "_")])
    ]
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    with contextlib.ExitStack() as stack:
        cluster = Cluster(stack, times)
        proxy = stack.enter_context(Nginx(tmp_path, cluster.nodes))
        crowd = stack.enter_context(Crowd(proxy.port))
        for number in range(3):
            node.until("people on it", lambda n=number: connections(cluster.nodes[n]) > 20)

            def before(number=number):
                proxy.choose([n for at, n in enumerate(cluster.nodes) if at != number])
                # What Kubernetes does between the two: no condition, but its time.
                time.sleep(pause)

            cluster.replace(number, before, lambda: proxy.choose(cluster.nodes))
        assert proxy.runs()
        check(crowd.report())


class Nginx(node.Process):
    """nginx with the Ingress' time-outs, before the nodes that it is told of."""

    def __init__(self, folder, nodes):
        self.config, (self.port,) = folder / "nginx.conf", node.free_ports(1)
        (ingress,) = tree.resources("cluster", "Ingress")
        notes = ingress["metadata"]["annotations"]
        self.times = {
            name: notes[f"nginx.ingress.kubernetes.io/{name.replace('_', '-')}"]
            for name in ("proxy_read_timeout", "proxy_send_timeout", "proxy_connect_timeout")
        }
        self.write(nodes)
        super().__init__([shutil.which("nginx"), "-c", self.config, "-p", folder])
        url = f"http://127.0.0.1:{self.port}/healthz"
        node.until("nginx", lambda: self.runs() and node.get(url)[0] == 200)

    def write(self, nodes):
        """Its file, for these nodes."""
        text = test_single_machine.nginx_config(self.config.parent, self.port, 0)
        servers = "".join(f"    server 127.0.0.1:{each.public} max_fails=0;\n" for each in nodes)
        text = text.replace("    server 127.0.0.1:0 max_fails=0;\n", servers)
        assert servers in text
        for name, value in self.times.items():
            text, found = re.subn(rf"{name} \w+;", f"{name} {value}s;", text)
            assert found == 1
        self.config.write_text(text)

    def choose(self, nodes):
        """Tells it who is there. Those who are connected stay."""
        self.write(nodes)
        self.child.send_signal(signal.SIGHUP)
