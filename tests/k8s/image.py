"""The image without a container engine: its Dockerfile's steps, done by hand."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import node
import tree

DOCKERFILE = tree.K8S / "Dockerfile"
# Nobody on this machine.
UNKNOWN_USER = 54321
# The shared libraries of the base (glibc and the compiler's).
BASE_LIBRARIES = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+|gomp)\.so\.\d+)")


def stages():
    """Each stage's base and instructions, by name; the last one's name is empty."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())
    found = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        word, rest = line.split(None, 1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append((name, base, []))
        else:
            found[-1][2].append((word, rest))
    return {name: (base, steps) for name, base, steps in found}


def context():
    """The files of the repository that are sent to the build."""
    kept, left = [], []
    for line in (tree.K8S / "Dockerfile.dockerignore").read_text().splitlines():
        if line.startswith("!"):
            kept.append(line[1:])
        elif line and not line.startswith("#") and line != "*":
            left.append(line)

    def below(path, folders):
        return any(path == each or path.startswith(f"{each}/") for each in folders)

    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return {each for each in listed if below(each, kept) and not below(each, left)}


def needed():
    """The files of the repository that the binary is made of, as the compiler tells of the
    library and of the binary itself. What older builds in the same folder were made of and
    is gone does not count."""
    told = (Path(node.binary()).parent / "deps").glob("passerby-*.d")
    paths = [whole(each) for file in told for each in prerequisites(file)]
    there = {path for path in paths if path.is_relative_to(tree.ROOT) and path.is_file()}
    inside = {str(path.relative_to(tree.ROOT)) for path in there}
    return {each for each in inside if not each.startswith("target/")}


def whole(path):
    """The path without steps up."""
    return Path(os.path.normpath(tree.ROOT / path))


def prerequisites(told):
    """What the first thing that is made in a dep-info file is made of."""
    first = told.read_text().splitlines()[:1]
    return [each for line in first for each in line.split(": ", 1)[1].split()]


def copies(steps):
    """What a stage copies: from which stage, which paths, where to, whose they are."""
    for word, rest in steps:
        if word == "COPY":
            parts = shlex.split(rest)
            options = dict(each[2:].split("=", 1) for each in parts if each.startswith("--"))
            *sources, target = [each for each in parts if not each.startswith("--")]
            yield options, sources, target


def stripped(folder):
    """The binary as the image has it, of the debug build."""
    made = folder / "stripped"
    subprocess.run(["strip", "-o", made, node.binary()], check=True)
    return made


def libraries():
    """The shared libraries that the binary asks for, by name, with their places."""
    text = subprocess.run(["ldd", node.binary()], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        if path := re.search(r"(/\S+)", line):
            found[Path(path[1]).name] = Path(path[1])
    return found


def root(folder):
    """A root file system: the base's libraries, and what the last stage copies."""
    made = folder / "root"
    for name, path in libraries().items():
        assert BASE_LIBRARIES.fullmatch(name), f"the base has no {name}"
        target = made / str(path).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    out = folder / "out"
    (out / "data").mkdir(parents=True)
    stripped(folder).rename(out / "passerby")
    for options, sources, target in copies(stages()[""][1]):
        assert options["from"] == "build"
        (source,) = sources
        copied = out / Path(source).relative_to("/out")
        into = made / target.lstrip("/")
        into.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if copied.is_dir() else shutil.copy)(copied, into)
        if "chown" in options:
            os.chown(into, *map(int, options["chown"].split(":")))
    (made / "proc").mkdir()
    return made


def environment():
    """The variables that the last stage sets."""
    rest = " ".join(rest for word, rest in stages()[""][1] if word == "ENV")
    return dict(each.split("=", 1) for each in shlex.split(rest))


def only(word):
    """The one instruction of that kind of the last stage."""
    (found,) = [rest for name, rest in stages()[""][1] if name == word]
    return found


def start(made, variables, writable=None):
    """Starts the image's binary in its root, which is read-only, as an unknown user.
    `writable` is a folder that stands where a volume would."""
    assert os.getuid() == 0, "only root may make mounts: run this check as root"
    entry, command = [json.loads(only(word)) for word in ("ENTRYPOINT", "CMD")]
    enter = [sys.executable, Path(__file__).parent / "enter.py"]
    enter += [made, only("WORKDIR"), writable or "", UNKNOWN_USER]
    return node.Process(
        ["unshare", "--mount", "--propagation", "private", *enter, *entry, *command],
        env=environment() | variables,
    )
