"""What docs/single-machine.md shows works as it stands, but for ports and paths."""

import http.client
import os
import re
import shlex
import shutil
import socket
import subprocess

import backend
import names
import node
import pages
import pytest

UNIT = "/etc/systemd/system/passerby.service"
# Of systemd's own measure, from 0 (safe) to 10.
MOST_EXPOSED = 2.0
# Others may have the ports of the page here.
PORTS = ("PASSERBY_LISTEN", "PASSERBY_OPS_LISTEN", "PASSERBY_TURN_LISTEN")


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
    settings |= dict.fromkeys(PORTS, "127.0.0.1:0") | {"PATH": os.environ["PATH"]}
    settings["PASSERBY_LISTEN"] = f"127.0.0.1:{port}"
    with node.Process([node.binary(), "serve"], env=settings, cwd=tmp_path) as process:
        url = f"http://127.0.0.1:{port}/healthz"
        node.until("the service", lambda: process.runs() and node.get(url)[0] == 200)
        assert process.stop() == 0
    assert (tmp_path / "passerby.secret").exists()


def nginx_config(folder, public, backend):
    """nginx's file with the page's site, without TLS, on `public` before `backend`; port 80
    is the socket `plain` in the folder."""
    site = pages.file("/etc/nginx/sites-available/passerby")
    site = re.sub(r"^ +(listen \[::\]|ssl_).*\n", "", site, flags=re.M)
    site = site.replace("listen 80;", f"listen unix:{folder}/plain;")
    site = site.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{public};")
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


def test_nginx_sends_who_comes_without_tls_to_it(tmp_path):
    (public,) = node.free_ports(1)
    with nginx(tmp_path, public, public) as proxy, socket.socket(socket.AF_UNIX) as stream:
        plain = str(tmp_path / "plain")
        node.until("nginx", lambda: proxy.runs() and stream.connect_ex(plain) == 0)
        stream.sendall(b"GET /a?b HTTP/1.0\r\nHost: passerby.example\r\n\r\n")
        answer = stream.makefile().read()
    assert " 301 " in answer and "\nLocation: https://passerby.example/a?b\n" in answer


def test_the_doctor_is_run_as_the_service_is():
    (shown,) = re.findall(r"^    sudo (systemd-run .*?doctor .*?)$", pages.text(), re.M | re.S)
    words = shlex.split(shown.replace("\\\n", " "))
    given = [word.removeprefix("--property=") for word in words if word.startswith("--property=")]
    assert len(given) == 3 and all(f"\n{each}\n" in unit() for each in given)
    (user,) = [word.removeprefix("--uid=") for word in words if word.startswith("--uid=")]
    assert f"\nUser={user}\n" in unit()
    program, command = words[words.index("doctor") - 1 : words.index("doctor") + 1]
    assert f"\nExecStart={program} serve\n" in unit()
    assert words[words.index(command) + 1 :] == ["--url", "https://passerby.example"]


def test_the_doctor_finds_nothing_wrong_with_the_settings(tmp_path):
    settings = pages.environment() | dict.fromkeys(PORTS, "127.0.0.1:0")
    # This machine's limit of open files may be less than the unit's.
    settings |= {"PASSERBY_MAX_CONNECTIONS": "100", "PATH": os.environ["PATH"]}
    command = [node.binary(), "doctor"]
    made = subprocess.run(command, capture_output=True, text=True, env=settings, cwd=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr


def test_open_files_are_for_all_who_may_be_there():
    given = int(re.search(r"^LimitNOFILE=(\d+)$", unit(), re.M)[1])
    relayed = re.search(r"--turn-max-allocations .*?\[default: (\d+)\]", node.help_of("serve"), re.S)
    people = int(pages.environment()["PASSERBY_MAX_CONNECTIONS"])
    assert given >= people + int(relayed[1]) + 500
    assert f"relay's {int(relayed[1]):,} allocations" in pages.file("/etc/passerby.env").replace("\n# ", " ")


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
