"""Three NATS servers with the manifests' file are one, and let only nodes in."""

import contextlib

import nats
import node
import pytest
import tree


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """Where they are, without user and password."""
    folder = tmp_path_factory.mktemp("nats")
    free = iter(node.free_ports(9))
    ports = {name: (next(free), next(free), next(free)) for name in nats.names()}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(nats.OfThree(folder, name, ports)) for name in ports]
        for server in servers:
            server.ready()
            assert node.get(f"http://127.0.0.1:{server.monitor}{probe()}")[0] == 200
        yield {name: f"127.0.0.1:{about[0]}" for name, about in ports.items()}


def probe():
    """What Kubernetes asks them."""
    container = tree.containers(tree.one("cluster", "StatefulSet", "passerby-nats"))[0]
    return container["readinessProbe"]["httpGet"]["path"]


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
