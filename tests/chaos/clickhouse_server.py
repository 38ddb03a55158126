"""A ClickHouse server for tests: chDB behind the part of the HTTP protocol that clickhouse-connect speaks.

``python clickhouse_server.py FOLDER PORT``. It may be killed and started again on the same folder.
``POST /cut?inserts=N`` makes it apply the next N inserts and cut the connection instead of answering; ``GET /cut``
tells how many it has cut.
"""

import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb

_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_PROTOCOL = {
    "query", "database", "query_id", "session_id", "client_protocol_version", "user", "password", "wait_end_of_query",
    "buffer_size", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "cancel_http_readonly_queries_on_client_close",
}  # fmt: skip


class Server(HTTPServer):
    """One engine, one request at a time."""

    def __init__(self, folder: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.engine = chdb.connect(folder)
        self.to_cut = self.cut = 0

    def run(self, sql: str, options: dict[str, str]) -> bytes:
        """Answer one statement under the settings of its URL."""
        self.engine.query("SET insert_deduplication_token = ''")
        for name, value in options.items():
            if name not in _PROTOCOL:
                self.engine.query(f"SET {name} = '{value}'")
        if options.get("database"):
            self.engine.query(f"USE `{options['database']}`")
        asked = _FORMAT.search(sql)
        return self.engine.query(sql, asked[1] if asked and not is_insert(sql) else "TabSeparated").bytes() or b""


def is_insert(sql: str) -> bool:
    """Whether a statement writes rows."""
    return sql.lstrip().upper().startswith("INSERT")


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP."""

    server: Server

    def do_GET(self) -> None:
        """A ping, a query in the URL, or the number of cuts."""
        address = urlsplit(self.path)
        if address.path == "/cut":
            self._reply(200, b"%d" % self.server.cut)
        else:
            self._answer(b"")

    def do_POST(self) -> None:
        """A statement; its beginning may be in the URL."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        if address.path == "/cut":
            self.server.to_cut += int(dict(parse_qsl(address.query))["inserts"])
            self._reply(200, b"")
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        options = dict(parse_qsl(urlsplit(self.path).query))
        sql = "\n".join(part for part in (options.get("query", ""), body.decode()) if part)
        if not sql:
            self._reply(200, b"Ok.\n")
            return
        try:
            result = self.server.run(sql, options)
        except RuntimeError as error:
            code = _CODE.search(str(error))
            self._reply(500, f"{error}\n".encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})
            return
        if is_insert(sql) and self.server.to_cut:
            self.server.to_cut -= 1
            self.server.cut += 1
            self.close_connection = True
            return
        self._reply(200, result, {"X-ClickHouse-Timezone": "UTC"})

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Server(sys.argv[1], int(sys.argv[2])).serve_forever()
