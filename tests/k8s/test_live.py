"""A real Prometheus scrapes real nodes that are one service by a real NATS, under load.

The rules are a copy in which every range is 10 s and every `for` 1 s
(prometheus.shortened); their expressions are the same.
"""

import contextlib
import re
import signal

import names
import nats
import node
import prometheus
import pytest

SECRET = ("--secret", "the same on all")
PEOPLE = 40
# Then all leave, some of them unpaired, and others come.
SECONDS = 10
# Below the people: some are sent away, and PasserbyNodeFull has something to see.
MOST_PEOPLE = 12
# What a run without trouble does not show.
SILENT = names.RARE - {"passerby_closes_total", "passerby_pairing_latency_seconds"}


class Service:
    """Two nodes with NATS between them, a Prometheus, and people who come."""

    def __init__(self, broker, nodes, watcher):
        self.broker, self.nodes, self.watcher = broker, nodes, watcher

    def people(self):
        """Plays people on both nodes; one pair uses the relay."""
        command = [node.binary(), "load", "mix", "--quiet", "--connections", PEOPLE]
        command += ["--seconds", SECONDS, "--stay-ms", 700, "--drop", 0.3]
        command += ["--webrtc", 1, "--webrtc-relay"]
        for each in self.nodes:
            command += ["--target", f"ws://127.0.0.1:{each.public}/ws"]
        return node.Process(command)

    def until(self, what, look):
        """Waits until `look` returns something true, while people come and go."""
        with contextlib.ExitStack() as stack:
            crowd = [stack.enter_context(self.people())]

            def again():
                if crowd[-1].child.poll() is not None:
                    crowd.append(stack.enter_context(self.people()))
                return look()

            node.until(what, again)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    (port,) = node.free_ports(1)
    with nats.Nats(port) as broker:
        flags = [*SECRET, "--cluster-url", broker.url, "--max-connections", str(MOST_PEOPLE)]
        flags += ["--rematch-wait-ms", "0", "--interest-wait-ms", "500"]
        flags += ["--no-limits"] if "--no-limits" in names.flags("serve") else []
        with node.Node(*flags) as one, node.Node(*flags) as two:
            jobs = {"passerby": [one.ops, two.ops]}
            with prometheus.Prometheus(folder, jobs) as watcher:
                one.ready(), two.ready(), watcher.ready()
                yield Service(broker, [one, two], watcher)


def queries():
    """Each expression of the rules and of the dashboard, with where it stands."""
    found = [(f"rule {title}", prometheus.shortened(text)) for title, text in names.expressions()]
    for title, text in names.panels():
        text = text.replace("$__rate_interval", prometheus.RANGE).replace("$node", ".*")
        assert "$" not in text, f"panel {title} has a variable that nobody knows"
        found.append((f"panel {title}", prometheus.shortened(text)))
    return found


def is_shown(expression):
    """Whether what it asks for can be seen on a node that runs well."""
    metrics = names.metrics_in(expression)
    foreign = any(re.search(rf"\b{each}\b", expression) for each in names.FOREIGN - {"up"})
    return not (metrics & SILENT or foreign)


def test_every_query_returns_data_and_a_full_node_is_told_of(service):
    watcher = service.watcher
    for _, expression in queries():
        # What a run without trouble does not show must be understood all the same.
        watcher.ask(prometheus.always(expression))
    missing = {each for each in queries() if is_shown(each[1])}
    assert len(missing) >= 50, "hardly any query is checked"

    def all_seen():
        seen = {each for each in missing if watcher.has_data(prometheus.always(each[1]))}
        missing.difference_update(seen)
        return not missing and watcher.firing("PasserbyNodeFull")

    try:
        service.until("data, and the alert on a full node", all_seen)
    except AssertionError as error:
        pytest.fail(f"{error}; without data: {sorted(missing)}")
    node.until("the alert's end", lambda: not watcher.firing("PasserbyNodeFull"))


def test_an_alert_fires_while_nats_is_away_and_clears_when_it_is_back(service):
    watcher = service.watcher
    assert not watcher.firing("PasserbyClusterAway")
    service.broker.stop(signal.SIGKILL)
    node.until("the alert", lambda: watcher.firing("PasserbyClusterAway"))
    with nats.Nats(service.broker.port):
        node.until("the alert's end", lambda: not watcher.firing("PasserbyClusterAway"))
        both = 'count(passerby_cluster_nodes == 2) == 2'
        node.until("nodes that know each other", lambda: watcher.ask(both))
