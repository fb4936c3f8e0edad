"""Real NATS servers: one by itself, or three with the manifests' own file."""

import os
import re
import shutil
import subprocess

import node
import tree

PASSWORD = "0123456789abcdef"
CONFIG = tree.K8S / "components/nats/nats.conf"


def binary():
    """`$NATS_SERVER`, what `make setup` installed, or what is on the path."""
    installed = tree.TARGET / "nats/bin/nats-server"
    return os.environ.get("NATS_SERVER") or (
        str(installed) if installed.exists() else shutil.which("nats-server")
    )


class Nats(node.Process):
    """A server that can be ended and started again on its port."""

    def __init__(self, port):
        self.port, self.url = port, f"nats://127.0.0.1:{port}"
        (self.monitor,) = node.free_ports(1)
        command = [binary(), "-a", "127.0.0.1", "-p", port, "-m", self.monitor, "-js"]
        super().__init__([*command, "-sd", "."])
        self.ready()

    def ready(self):
        """Waits until it serves, JetStream too."""
        url = f"http://127.0.0.1:{self.monitor}/healthz"
        node.until("NATS", lambda: self.runs() and node.get(url)[0] == 200)


class OfThree(Nats):
    """One of three, with the file of the manifests; only ports and paths are others."""

    def __init__(self, folder, name, ports):
        self.port, routes, self.monitor = ports[name]
        text = CONFIG.read_text()
        text = re.sub(r"^port: 4222$", f"listen: 127.0.0.1:{self.port}", text, flags=re.M)
        text = re.sub(r"^http: 8222$", f"http: 127.0.0.1:{self.monitor}", text, flags=re.M)
        text = text.replace("  port: 6222", f"  listen: 127.0.0.1:{routes}")
        self.data = folder / name
        self.data.mkdir()
        text = text.replace(" /data", f" {self.data}")
        assert not re.search(r": (4222|6222|8222|/data)\b", text), text
        file = folder / f"{name}.conf"
        file.write_text(text)
        variables = {"POD_NAME": name, "NATS_PASSWORD": PASSWORD}
        node.Process.__init__(self, [binary(), *arguments(file, ports)], env=variables)


    def pre_stop(self):
        """What Kubernetes has it do before SIGTERM; only paths are others."""
        command = container()["lifecycle"]["preStop"]["exec"]["command"]
        assert command[0] == "nats-server", "the image has it on its path"
        rest = [part.replace("/data", str(self.data)) for part in command[1:]]
        subprocess.run([binary(), *rest], check=True, timeout=node.DEADLINE_SECONDS)


def container():
    """The one container of the StatefulSet."""
    (found,) = tree.containers(tree.one("cluster", "StatefulSet", "passerby-nats"))
    return found


def arguments(file, ports):
    """Those of the StatefulSet, with this file and these ports."""
    text = " ".join(container()["args"])
    text = text.replace("/etc/nats/nats.conf", str(file)).replace("$(NATS_PASSWORD)", PASSWORD)
    for other, (_, route, _) in ports.items():
        assert f"{other}.passerby-nats:6222" in text
        text = text.replace(f"{other}.passerby-nats:6222", f"127.0.0.1:{route}")
    return text.split()


def names():
    """The names of the three, as their StatefulSet gives them."""
    return [f"passerby-nats-{number}" for number in range(3)]
