"""ClickHouse's HTTP interface around the engine in this process: as much of it as the collector's client uses.

It stands in for what lies between a server's engine and its clients: statements, bound parameters, settings,
compressed bodies, faults with their codes, and who may come in. Written from the interface's documentation.
"""

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import NamedTemporaryFile
from urllib.parse import parse_qsl, urlsplit

import lz4.frame

USER, PASSWORD = "ann", "pa:ss/wörd"
TRANSPORT = frozenset(
    {
        "client_protocol_version",
        "database",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "query",
        "query_id",
        "send_progress_in_http_headers",
        "wait_end_of_query",
    }
)
AUTHENTICATION_FAILED = 516


class ClickhouseHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "ClickhouseServer"

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("transfer-encoding") == "chunked":
            body = b"".join(self._chunks())
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        self.server.requests.append(given)
        if self._password() != PASSWORD:
            self._refuse(403, AUTHENTICATION_FAILED, f"{USER}: Authentication failed")
            return
        if self.server.faults:
            self._refuse(500, *self.server.faults.pop(0))
            return
        try:
            self._send(200, self._run(given, body))
        except RuntimeError as error:
            code = re.search(r"Code: (\d+)", str(error))
            self._refuse(500, int(code[1]) if code else 1, str(error))

    def _chunks(self):
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _password(self):
        _, _, coded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(coded).decode().partition(":")[2]

    def _run(self, given, body):
        if self.headers.get("content-encoding") == "lz4":
            body = lz4.frame.decompress(body)
        data = None
        if self.headers.get_content_type() == "multipart/form-data":
            given |= _fields(self.headers["content-type"], body)
        elif "query" in given:
            data = body
        else:
            given["query"] = body.decode()
        settings = {name: value for name, value in given.items() if not _is_structural(name)}
        parameters = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
        return self.server.execute(given["query"], given.get("database"), settings, parameters, data)

    def _refuse(self, status, code, reason):
        self._send(
            status,
            f"Code: {code}. DB::Exception: {reason}".encode(),
            ("X-ClickHouse-Exception-Code", str(code)),
        )

    def _send(self, status, body, *headers):
        self.send_response(status)
        for name, value in (*headers, ("X-ClickHouse-Summary", "{}"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class ClickhouseServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, ClickhouseHandler)
        self.requests = []
        """What each request said in its address."""
        self.faults = []
        """Codes and reasons to refuse the next requests with."""
        self._one_at_a_time = threading.Lock()

    @property
    def port(self):
        return self.server_address[1]

    def execute(self, query, database, settings, parameters, data):
        import chdb

        with self._one_at_a_time, chdb.connect(":memory:") as connection:
            if database:
                connection.query(f"use {database}")
            # As on a server, the change to read-only mode is the last of them.
            for name, value in sorted(settings.items(), key=lambda setting: setting[0] == "readonly"):
                connection.query(f"set {name} = '{value}'")
            if data is None:
                return connection.query(query, "TabSeparated", params=parameters).bytes() or b""
            with NamedTemporaryFile() as file:
                file.write(data)
                file.flush()
                insert = re.sub(r" FORMAT (\w+)\s*$", rf" FROM INFILE '{file.name}' FORMAT \1", query)
                return connection.query(insert, "TabSeparated").bytes() or b""


def _is_structural(name):
    return name in TRANSPORT or name.startswith("param_")


def _fields(content_type, body):
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = message.get_payload()
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode()
        for part in parts
    }


@contextmanager
def clickhouse_server(**more) -> Iterator[ClickhouseServer]:
    server = ClickhouseServer(**more)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
