"""What docs/single-machine.md shows works as it stands, but for ports and paths."""

import http.client
import os
import re
import shutil
import subprocess

import backend
import names
import node
import pages
import pytest

UNIT = "/etc/systemd/system/passerby.service"
# Of systemd's own measure, from 0 (safe) to 10.
MOST_EXPOSED = 2.0


def unit():
    return pages.file(UNIT)


@pytest.fixture
def installed(tmp_path):
    """The unit with paths of this machine."""
    (tmp_path / "passerby.env").write_text(pages.file("/etc/passerby.env"))
    text = unit().replace("/usr/local/bin/passerby", str(node.binary()))
    text = text.replace("/etc/passerby.env", str(tmp_path / "passerby.env"))
    file = tmp_path / "passerby.service"
    file.write_text(text.replace("User=passerby", "User=daemon"))
    return file


def test_systemd_takes_the_unit(installed):
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", installed]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0 and str(installed) not in made.stderr, made.stderr


def test_systemd_finds_the_unit_little_exposed(installed):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", installed]
    made = subprocess.run(command, capture_output=True, text=True)
    level = re.search(r"exposure level for passerby\.service: ([\d.]+)", made.stdout)
    assert level, made.stdout + made.stderr
    assert float(level[1]) <= MOST_EXPOSED, made.stdout


def test_the_service_stops_in_time():
    given = int(re.search(r"^TimeoutStopSec=(\d+)$", unit(), re.M)[1])
    drain = int(pages.environment()["PASSERBY_DRAIN_MS"]) / 1000
    assert given >= drain + 5


def test_the_binary_takes_the_settings_and_keeps_its_files_in_its_folder(tmp_path):
    settings = pages.environment()
    assert set(settings) <= names.variables("serve")
    (port,) = node.free_ports(1)
    settings |= {"PASSERBY_LISTEN": f"127.0.0.1:{port}", "PASSERBY_OPS_LISTEN": "127.0.0.1:0"}
    settings |= {"PASSERBY_TURN_LISTEN": "127.0.0.1:0", "PATH": os.environ["PATH"]}
    with node.Process([node.binary(), "serve"], env=settings, cwd=tmp_path) as process:
        url = f"http://127.0.0.1:{port}/healthz"
        node.until("the service", lambda: process.runs() and node.get(url)[0] == 200)
        assert process.stop() == 0
    assert (tmp_path / "passerby.secret").exists()


def nginx_config(folder, public, backend):
    """nginx's file with the page's site, without TLS, on `public` before `backend`."""
    site = pages.file("/etc/nginx/sites-available/passerby")
    site = re.sub(r"^ +listen .*\n", "", site, flags=re.M)
    site = re.sub(r"^ +ssl_.*\n", "", site, flags=re.M)
    site = site.replace("server_name ", f"listen 127.0.0.1:{public};\n    server_name ")
    site = site.replace("127.0.0.1:8080", f"127.0.0.1:{backend}")
    (folder / "nginx").mkdir(exist_ok=True)
    temporary = "".join(
        f"{kind}_temp_path {folder}/nginx;\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;\n"
        f"events {{ worker_connections 1000; }}\nhttp {{\n{temporary}{site}}}\n"
    )


def nginx(folder, public, backend):
    """nginx with that file."""
    config = folder / "nginx.conf"
    config.write_text(nginx_config(folder, public, backend))
    return node.Process([shutil.which("nginx"), "-c", config, "-p", folder])


def test_people_meet_through_nginx(tmp_path):
    """Also those of a page: their origin is the name that nginx passes on."""
    (public,) = node.free_ports(1)
    with node.Node() as server, nginx(tmp_path, public, server.ready().public) as proxy:
        url = f"http://127.0.0.1:{public}/healthz"
        node.until("nginx", lambda: proxy.runs() and node.get(url)[0] == 200)
        command = [node.binary(), "load", "pair", "--quiet", "--connections", "10"]
        command += ["--seconds", "1", "--target", f"ws://127.0.0.1:{public}/ws"]
        made = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stdout + made.stderr
        assert handshake(public, "http://passerby.example", "passerby.example") == 101
        assert handshake(public, "http://elsewhere.example", "passerby.example") == 403


def test_nginx_says_itself_who_comes(tmp_path):
    (public,) = node.free_ports(1)
    with backend.Backend() as behind, nginx(tmp_path, public, behind.port) as proxy:
        url = f"http://127.0.0.1:{public}/"
        node.until("nginx", lambda: proxy.runs() and node.get(url)[0] == 200)
        heard = behind.heard_of(url, backend.FORGED)
    assert heard.get_all("forwarded") is None
    assert heard.get_all("x-forwarded-for") == ["127.0.0.1"]


def handshake(port, origin, host):
    """The status of a WebSocket handshake of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Host": host, "Origin": origin, "Upgrade": "websocket", "Connection": "Upgrade"}
    headers |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    connection.request("GET", "/ws", headers=headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()
