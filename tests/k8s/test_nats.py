"""Three NATS servers with the manifests' file are one, and let only nodes in."""

import contextlib
import json
import re
import socket
import time

import nats
import node
import pytest
import tree


@contextlib.contextmanager
def three(folder):
    """The servers, by name."""
    free = iter(node.free_ports(9))
    ports = {name: (next(free), next(free), next(free)) for name in nats.names()}
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(nats.OfThree(folder, name, ports)) for name in ports}
        for server in servers.values():
            server.ready()
            assert node.get(f"http://127.0.0.1:{server.monitor}{probe()}")[0] == 200
        yield servers


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """Where they are, without user and password."""
    with three(tmp_path_factory.mktemp("nats")) as servers:
        yield {name: f"127.0.0.1:{server.port}" for name, server in servers.items()}


def probe():
    """What Kubernetes asks them."""
    return nats.container()["readinessProbe"]["httpGet"]["path"]


def cluster_url(addresses, password):
    """The nodes' own, of the rendered manifests, with these addresses."""
    workload, container = next(e for e in tree.own("cluster") if e[1]["args"] == ["serve"])
    url = tree.settings("cluster", workload, container)["PASSERBY_CLUSTER_URL"]
    for name, address in addresses.items():
        assert f"{name}.passerby-nats:4222" in url
        url = url.replace(f"{name}.passerby-nats:4222", address)
    return url.replace("$(NATS_PASSWORD)", password)


def test_two_nodes_meet_by_the_manifests_address(addresses):
    flags = ["--secret", "s", "--cluster-url", cluster_url(addresses, nats.PASSWORD)]
    with node.Node(*flags) as one, node.Node(*flags) as two:
        for each in (one.ready(), two.ready()):
            both = "\npasserby_cluster_nodes 2\n"
            node.until("nodes that meet", lambda n=each: both in n.metrics())


def test_who_has_another_password_is_kept_out(addresses):
    flags = ["--secret", "s", "--cluster-url", cluster_url(addresses, "another")]
    # A node pairs its own people without NATS, so it is ready.
    with node.Node(*flags) as stranger:
        assert "\npasserby_cluster_reached 0\n" in stranger.ready().metrics()


def seconds(setting):
    """A time of nats.conf."""
    return int(re.search(rf'^{setting}: "(\d+)s"$', nats.CONFIG.read_text(), re.M)[1])


def client_of(server):
    """A client, and the lines that it hears; it stays until the server goes."""
    stream = socket.create_connection(("127.0.0.1", server.port), node.DEADLINE_SECONDS)
    about = {"user": "passerby", "pass": nats.PASSWORD, "protocol": 1, "verbose": False}
    stream.sendall(f"CONNECT {json.dumps(about)}\r\nPING\r\n".encode())
    lines = stream.makefile("rb")
    assert any(line == b"PONG\r\n" for line in lines)
    return stream, lines


def test_a_server_that_stops_has_its_clients_move_first(tmp_path):
    """Kubernetes runs preStop, then sends SIGTERM."""
    with three(tmp_path) as servers:
        server = servers["passerby-nats-0"]
        stream, lines = client_of(server)
        with stream, lines:
            begun = time.monotonic()
            server.pre_stop()
            server.child.terminate()
            # All that comes until it is cut off.
            told = [json.loads(line[5:]) for line in lines if line.startswith(b"INFO ")]
            assert any(each.get("ldm") for each in told), "it asks its clients to go elsewhere"
            assert time.monotonic() - begun >= seconds("lame_duck_grace_period")
        assert server.child.wait(timeout=node.DEADLINE_SECONDS) == 0


def test_a_server_that_stops_is_given_the_time_that_it_takes():
    workload = tree.one("cluster", "StatefulSet", "passerby-nats")
    given = tree.pod_of(workload)["terminationGracePeriodSeconds"]
    assert given >= seconds("lame_duck_duration") + 10


def test_what_it_writes_is_on_a_volume_that_can_be_written():
    text = nats.CONFIG.read_text()
    (mount,) = [each for each in nats.container()["volumeMounts"] if not each.get("readOnly")]
    written = re.findall(r"^ *(?:pid_file|store_dir): (\S+)$", text, re.M)
    assert len(written) == 2
    assert all(each.startswith(mount["mountPath"]) for each in written), written
