"""`clickhouse://user:password@host:port/database?option=value`, taken apart and checked."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from collector.errors import BadStoreAddress

SCHEME = "clickhouse"
PORT = 8123
SECURE_PORT = 8443
OPTIONS = ("secure", "verify", "ca_cert", "retention_days", "otel_table")
TRUTH = {"true": True, "1": True, "false": False, "0": False}
LONGEST_RETENTION_DAYS = 3650
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
TABLE = re.compile(r"([A-Za-z_]\w*\.)?[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClickhouseAddress:
    host: str
    port: int
    database: str
    user: str = "default"
    password: str = field(default="", repr=False)
    secure: bool = False
    """TLS."""
    verify: bool = True
    """False accepts any certificate."""
    ca_cert: str = ""
    """A file with the authority that signed the server's certificate; empty: the usual ones."""
    retention_days: int = 0
    """0 leaves the table's own rule as it is; a new table has none."""
    otel_table: str = ""
    """A table of the OpenTelemetry Collector's exporter whose spans are taken over: `otel_traces`, or
    `otel.otel_traces` in another database."""

    @classmethod
    def parsed(cls, url: str) -> Self:
        """Raises BadStoreAddress, which never repeats the password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BadStoreAddress("its port is no number up to 65535") from error
        if parts.scheme != SCHEME or not parts.hostname:
            raise BadStoreAddress("it does not begin with clickhouse:// and a host")
        database = unquote(parts.path.strip("/")) or "default"
        options = _options(parts)
        secure = _truth(options, "secure", False)
        return cls(
            host=parts.hostname,
            port=port or (SECURE_PORT if secure else PORT),
            database=_plain("the database", NAME, database),
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            secure=secure,
            verify=_truth(options, "verify", True),
            ca_cert=options.get("ca_cert", ""),
            retention_days=_days(options.get("retention_days", "0")),
            otel_table=_plain("otel_table", TABLE, options["otel_table"]) if "otel_table" in options else "",
        )

    def __str__(self) -> str:
        """For people: without user and password."""
        return f"{SCHEME}://{self.host}:{self.port}/{self.database}"


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS:
            raise BadStoreAddress(f"there is no option {name!r}; there are: {', '.join(OPTIONS)}")
    return options


def _truth(options: dict[str, str], name: str, otherwise: bool) -> bool:
    given = options.get(name)
    if given is None:
        return otherwise
    if given.lower() not in TRUTH:
        raise BadStoreAddress(f"{name} must be true or false")
    return TRUTH[given.lower()]


def _days(given: str) -> int:
    if not given.isdecimal() or int(given) > LONGEST_RETENTION_DAYS:
        raise BadStoreAddress(f"retention_days must be a whole number up to {LONGEST_RETENTION_DAYS}")
    return int(given)


def _plain(what: str, pattern: re.Pattern[str], given: str) -> str:
    """Names stand in statements, where nothing can be bound, so they are plain words."""
    if not pattern.fullmatch(given):
        raise BadStoreAddress(f"{what} must be letters, digits and underscores, not {given!r}")
    return given
