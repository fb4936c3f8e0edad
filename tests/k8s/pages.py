"""The files that docs/single-machine.md shows."""

import re

import tree


def text():
    """The page."""
    return (tree.DOCS / "single-machine.md").read_text()


def file(path):
    """The block that follows the line with that path."""
    found = re.search(rf"`{re.escape(path)}`[^\n]*:\n\n```\w+\n(.*?)^```", text(), re.S | re.M)
    assert found, f"docs/single-machine.md shows no {path}"
    return found[1]


def environment():
    """The variables of the service."""
    lines = file("/etc/passerby.env").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
