"""What the image is made of is sent to its build, and it runs as Kubernetes runs it.

There is no container engine here: the steps of k8s/Dockerfile are done by hand, with
the debug build in the place of the release build.
"""

import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import image
import names
import node
import pytest
import tree

# Without the base, which has 20 MB or so.
MOST_BYTES = 60_000_000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return image.root(tmp_path_factory.mktemp("image"))


def files(root):
    """The files of the image that are not its base's, by path."""
    found = {f"/{each.relative_to(root)}": each for each in root.rglob("*") if each.is_file()}
    base = {str(path) for path in image.libraries().values()}
    return {path: each for path, each in found.items() if path not in base}


def test_all_that_the_binary_is_made_of_is_sent_to_its_build():
    sent = image.context()
    page = {each for each in image.needed() if each.startswith("web/dist")}
    assert page, "make page: the page is not in the binary"
    assert image.needed() - page - sent == set()
    assert {"Cargo.toml", "Cargo.lock", "build.rs", "web/package-lock.json"} <= sent
    assert not any(each.startswith(("target/", "web/dist/", "k8s/", ".")) for each in sent)


def test_cargo_takes_what_is_sent(tmp_path):
    """The manifest names files that must be there although they are not built."""
    for each in image.context():
        if not each.startswith("web/"):
            copy = tmp_path / each
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((tree.ROOT / each).read_bytes())
    about = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    host = re.search(r"^host: (.*)$", about, re.M)[1]
    # Reads the manifest as a build does, and stops there.
    command = ["cargo", "fetch", "--locked", "--offline", "--target", host]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_stages_copy_what_is_there():
    stages = image.stages()
    assert set(stages) == {"page", "build", ""}
    for _, steps in stages.values():
        for options, sources, _ in image.copies(steps):
            assert options.get("from", "build") in stages
            if "from" not in options:
                assert all((tree.ROOT / source).exists() for source in sources)
    scripts = (tree.ROOT / "web/package.json").read_text()
    assert '"build"' in scripts and ("RUN", "npm run build") in stages["page"][1]


def test_versions_are_those_that_the_project_asks_for():
    bases = {name: base for name, (base, _) in image.stages().items()}
    manifest = tomllib.loads((tree.ROOT / "Cargo.toml").read_text())
    assert bases["build"] == f"rust:{manifest['package']['rust-version']}-bookworm"
    assert bases["page"] == "node:20-bookworm-slim"
    # Of the same Debian as the build: what is linked there is found here.
    assert bases[""].startswith("gcr.io/distroless/cc-debian12:nonroot")


def test_the_image_holds_the_binary_alone_and_is_small(root):
    found = files(root)
    assert set(found) == {"/usr/local/bin/passerby"}
    assert (root / "data").stat().st_uid == 65532 and not any((root / "data").iterdir())
    assert sum(each.stat().st_size for each in found.values()) < MOST_BYTES


def test_it_is_nobody_and_as_the_manifests_have_it():
    user = image.only("USER")
    assert user == "65532:65532"
    for workload, container in tree.own("cluster"):
        about = tree.pod_of(workload)["securityContext"]
        assert f"{about['runAsUser']}:{about['runAsGroup']}" == user
        assert "command" not in container, "the image's entry point is used"
        mounts = {each["mountPath"] for each in container.get("volumeMounts", [])}
        assert mounts <= {image.only("WORKDIR")}
    ports = {each.split("/")[0] for each in shlex.split(image.only("EXPOSE"))}
    variables = image.environment()
    assert set(variables) <= names.variables("serve")
    assert ports == {each.rsplit(":", 1)[1] for each in variables.values()}


@pytest.mark.parametrize("with_volume", [True, False])
def test_it_runs_with_a_read_only_root_as_an_unknown_user(root, tmp_path, with_volume):
    public, ops, turn = node.free_ports(3)
    variables = {
        "PASSERBY_LISTEN": f"127.0.0.1:{public}",
        "PASSERBY_OPS_LISTEN": f"127.0.0.1:{ops}",
        "PASSERBY_TURN_LISTEN": f"127.0.0.1:{turn}",
    }
    volume = tmp_path / "volume"
    volume.mkdir()
    os.chown(volume, image.UNKNOWN_USER, image.UNKNOWN_USER)
    with image.start(root, variables, volume if with_volume else None) as process:
        ready = f"http://127.0.0.1:{ops}/readyz"
        node.until("the image", lambda: process.runs() and node.get(ready)[0] == 200)
        about = (Path("/proc") / str(process.child.pid) / "status").read_text()
        fields = dict(line.split(":\t") for line in about.splitlines())
        assert set(fields["Uid"].split()) == {str(image.UNKNOWN_USER)}
        assert fields["NoNewPrivs"] == "1" and int(fields["CapEff"], 16) == 0
        status, page = node.get(f"http://127.0.0.1:{public}/")
        assert status == 200 and "<title>" in page
        assert process.stop() == 0, process.said()
    written = {each.name for each in volume.iterdir()}
    assert ("passerby.secret" in written) is with_volume
    assert set(os.listdir(root)) == {"data", "lib", "lib64", "proc", "usr"}
    assert not any((root / "data").iterdir()), "it wrote to its root"
