"""What stands behind a proxy and keeps the headers of what it is asked."""

import http.server
import threading
import urllib.request

import node

# What a client writes who wants to be taken for another.
FORGED = {"Forwarded": "for=192.0.2.7", "X-Forwarded-For": "192.0.2.7"}


class Backend:
    """One on a free port; it answers everything."""

    def __init__(self):
        heard = self.heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                heard.append(self.headers)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def heard_of(self, url, headers):
        """What comes of these headers through the proxy at `url`."""
        mark = {"X-Mark": str(len(self.heard))}
        request = urllib.request.Request(url, headers=headers | mark)
        urllib.request.urlopen(request, timeout=node.DEADLINE_SECONDS).close()
        (found,) = [each for each in self.heard if each["x-mark"] == mark["X-Mark"]]
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
