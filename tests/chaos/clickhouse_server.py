"""A ClickHouse server for tests: chDB behind the part of the HTTP protocol that clickhouse-connect speaks.

``python -m tests.chaos.clickhouse_server FOLDER PORT``. It may be killed and started again on the same folder.
``POST /faults?...`` adds a fault to the script of its inserts (``insert_faults``), ``DELETE /faults`` ends the script,
``GET /faults`` gives the journal of all inserts as JSON.
"""

import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import chdb

from tests.chaos.insert_faults import Script

_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_INSERT = re.compile(r"\s*INSERT\s+INTO\s+(\S+)", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_CODE_HEADER = "X-ClickHouse-Exception-Code"
_PROTOCOL = {
    "query", "database", "query_id", "session_id", "client_protocol_version", "user", "password", "wait_end_of_query",
    "buffer_size", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "cancel_http_readonly_queries_on_client_close",
}  # fmt: skip


class Answer(NamedTuple):
    """What a request is answered."""

    status: int
    body: bytes = b""
    code: int = 0  # ClickHouse's code of an error


class Server(HTTPServer):
    """One engine, one request at a time."""

    def __init__(self, folder: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.engine, self.script = chdb.connect(folder), Script()

    def run(self, sql: str, options: dict[str, str]) -> Answer:
        """Answer one statement under the settings of its URL."""
        self.engine.query("SET insert_deduplication_token = ''")
        for name, value in options.items():
            if name not in _PROTOCOL:
                self.engine.query(f"SET {name} = '{value}'")
        if options.get("database"):
            self.engine.query(f"USE `{options['database']}`")
        asked = None if _INSERT.match(sql) else _FORMAT.search(sql)
        try:
            return Answer(200, self.engine.query(sql, asked[1] if asked else "TabSeparated").bytes() or b"")
        except RuntimeError as error:
            code = _CODE.search(str(error))
            return Answer(500, f"{error}\n".encode(), int(code[1]) if code else 1002)

    def insert(self, table: str, sql: str, options: dict[str, str]) -> Answer | None:
        """Do with an insert what the script says; None if the connection is to be cut."""
        fault = self.script.next(table, options.get("insert_deduplication_token", ""), sql)
        time.sleep(fault.seconds)
        answer = Answer(200) if fault.refused else self.run(sql, options)
        if fault.status != 200:
            answer = Answer(fault.status, b"scripted", fault.code)
        self.script.journal[-1] |= {"status": answer.status, "code": answer.code}
        return None if fault.cut else answer


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP."""

    server: Server

    def do_GET(self) -> None:
        """A ping, a query in the URL, or the journal."""
        if urlsplit(self.path).path == "/faults":
            self._reply(Answer(200, json.dumps(self.server.script.journal).encode()))
        else:
            self._answer(b"")

    def do_POST(self) -> None:
        """A statement, whose beginning may be in the URL, or a fault."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        if address.path == "/faults":
            self.server.script.add(address.query)
            self._reply(Answer(200))
        else:
            self._answer(body)

    def do_DELETE(self) -> None:
        """The end of all faults."""
        self.server.script.clear()
        self._reply(Answer(200))

    def _answer(self, body: bytes) -> None:
        options = dict(parse_qsl(urlsplit(self.path).query))
        sql = "\n".join(part for part in (options.get("query", ""), body.decode()) if part)
        inserting = _INSERT.match(sql)
        if inserting:
            answer = self.server.insert(inserting[1], sql, options)
        else:
            answer = self.server.run(sql, options) if sql else Answer(200, b"Ok.\n")
        if answer:
            self._reply(answer)
        else:
            self.close_connection = True

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if answer.code:
            self.send_header(_CODE_HEADER, str(answer.code))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Server(sys.argv[1], int(sys.argv[2])).serve_forever()
