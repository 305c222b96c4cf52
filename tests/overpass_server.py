"""A server on this machine that speaks the protocols of Overpass and Nominatim.

It gives recorded answers, or the failures of a public server: a remark that the query ran out of
time, a page of a proxy, or the wish to be left alone for a while.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

RECORDED = Path(__file__).parent / "streets"
LONGEST_QUERY = 100_000
STATUS = """Connected as: 1
Current time: 2026-11-01T00:00:00Z
Announced endpoint: none
Rate limit: 2
2 slots available now.
Currently running queries (pid, space limit, time limit, start time):
"""
REMARK = '{"elements": [], "remark": "runtime error: Query timed out after 180 seconds."}'
EMPTY = '{"osm3s": {"timestamp_osm_base": "2026-11-01T00:00:00Z"}, "elements": []}'


class OverpassServer:
    """What the server was asked, and how it answers.

    Attributes
    ----------
    url
        Address to give to OSMnx.
    behaviour
        ``recorded``, ``empty``, ``remark``, ``page`` or ``busy``.
    queries
        Overpass queries in their order.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.behaviour = "recorded"
        self.queries: list[str] = []

    def answer(self, query: str) -> tuple[int, str]:
        """Answer an Overpass query with status and body."""
        self.queries.append(query)
        form = r"\[out:json\].*;\(way(\[.*\])\(poly:'([-\d. ]+)'\);>;\);out;"
        match = re.fullmatch(form, query)
        if match is None:
            return 400, "<html>parse error</html>"
        if self.behaviour == "busy":
            return 429, "<html>rate_limited</html>"
        if self.behaviour == "page":
            return 403, "<html>The proxy does not allow this page.</html>"
        if self.behaviour != "recorded":
            return 200, {"empty": EMPTY, "remark": REMARK}[self.behaviour]
        name = "ferries" if match[1].startswith('[~"^(route') else "streets"
        return 200, (RECORDED / f"answer_{name}.json").read_text(encoding="utf-8")


@contextmanager
def serve_overpass() -> Iterator[OverpassServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            address = urlparse(self.path)
            if address.path == "/api/status":
                self._send(200, STATUS, "text/plain")
            elif address.path == "/search":
                asked = parse_qs(address.query).get("q", [""])[0]
                body = "[]"
                if asked == "小城":
                    body = (RECORDED / "answer_place.json").read_text(encoding="utf-8")
                self._send(200, body, "application/json")
            else:
                self._send(404, "no such page", "text/plain")

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            if self.path != "/api/interpreter" or size > LONGEST_QUERY:
                self._send(404, "no such page", "text/plain")
                return
            form = parse_qs(self.rfile.read(size).decode("utf-8"))
            status, body = server.answer(form.get("data", [""])[0])
            self._send(status, body, "text/html" if body.startswith("<") else "application/json")

        def _send(self, status: int, body: str, kind: str) -> None:
            data = body.encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server = OverpassServer(f"http://127.0.0.1:{listener.server_port}/api")
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
