"""Processes that the checks start: each on free ports, ended when its test ends."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import tree

# How long anything may take that is waited for. Only a failure takes as long.
DEADLINE_SECONDS = 60


def binary():
    """`$PASSERBY`, or the debug build."""
    path = Path(os.environ.get("PASSERBY", tree.TARGET / "debug/passerby")).resolve()
    assert path.exists(), f"{path} is not built: make test-k8s builds it"
    return path


def until(what, look):
    """Waits until `look` returns something true, and returns that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.05)


def free_ports(count):
    """So many ports that nobody listens on now."""
    with contextlib.ExitStack() as held:
        found = []
        for _ in range(count):
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found.append(listener.getsockname()[1])
        return found


def get(url):
    """Status and text of an answer; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class Process:
    """A process with a folder of its own; what it says is in the file `log`."""

    def __init__(self, command, **options):
        self.folder = tempfile.TemporaryDirectory(prefix="passerby-k8s-")
        self.log = Path(self.folder.name) / "log"
        with open(self.log, "wb") as log:
            options = {"cwd": self.folder.name, "stdout": log, "stderr": log} | options
            self.child = subprocess.Popen([str(part) for part in command], **options)

    def said(self):
        """What it said so far."""
        return self.log.read_text(errors="replace")

    def runs(self):
        """Whether it does; else what it said is the message."""
        assert self.child.poll() is None, f"it ended with {self.child.returncode}: {self.said()}"
        return True

    def stop(self, how=signal.SIGTERM):
        """Ends it; its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(how)
        return self.child.wait(timeout=DEADLINE_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.folder.cleanup()


class Node(Process):
    """A node that serves; its ports are `public`, `ops` and `turn`."""

    def __init__(self, *flags, ports=None):
        self.public, self.ops, self.turn = ports or free_ports(3)
        command = [binary(), "serve", "--listen", f"127.0.0.1:{self.public}"]
        command += ["--ops-listen", f"127.0.0.1:{self.ops}"]
        command += ["--turn-listen", f"127.0.0.1:{self.turn}"]
        super().__init__([*command, *flags], env={"PATH": os.environ["PATH"]})

    def ready(self):
        """Waits until it takes people."""
        url = f"http://127.0.0.1:{self.ops}/readyz"
        until("a node that is ready", lambda: self.runs() and get(url)[0] == 200)
        return self

    def metrics(self):
        """Its metrics as text."""
        return get(f"http://127.0.0.1:{self.ops}/metrics")[1]


def help_of(command):
    """What the binary says of a command."""
    made = subprocess.run([binary(), command, "--help"], capture_output=True, text=True)
    assert made.returncode == 0
    return made.stdout
