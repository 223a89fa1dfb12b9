"""What can go wrong, as a short tree; each message says what to do.

CollectorError
    StoreError              the file cannot be opened or written
        StoreLocked
        StoreTooNew
        StoreUnreadable
        StoreNewer          the tables on a server are of a later version
        StoreBusy           the file is being exchanged for a smaller one
    NotOtlp                 a body that is no trace export request
    UnstorableSpans         spans that decode well and that the database still refuses
    BodyTooLarge
    QueueFull               spans arrive faster than the disk takes them
    TooMuchInHand           bodies arrive faster than they are decoded
    BodyStalled             a body of which no more comes
    QuestionError           an unknown question, or parameters that make no sense
        UnknownQuestion
    BadStoreAddress         a --store nobody can read, or whose engine is not installed
    BadLimit                an age or a size nobody can read
    PruneRunning            two at once would get in each other's way
    CollectorUnavailable    nothing answers at the address
    Unwanted                nobody waits for the answer any more
    CollectorFailed         a collector answers, and says that it cannot do it
    NotACollector           something else answers there
    OtherVersion            a collector answers that does not tell all this program asks
    TokenNeeded             a collector answers, to those with its token
    PortInUse
    BadRedaction            patterns to redact that cannot be used
"""

from pathlib import Path


class CollectorError(Exception):
    """The root of them all."""


class StoreError(CollectorError):
    """The trace store cannot do what was asked."""


class StoreLocked(StoreError):
    def __init__(self, path: Path, pid: int | None) -> None:
        holder = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"{path} is open in {holder}. One collector owns a store: stop that process, "
            "or give this one another folder with --data."
        )
        self.path = path
        self.pid = pid


class StoreTooNew(StoreError):
    def __init__(self, path: Path, version: int, known: int) -> None:
        super().__init__(
            f"{path} has schema version {version}, and this program knows versions up to {known}. "
            "Update composite-llm, or give it another folder with --data."
        )
        self.path = path
        self.version = version


class StoreUnreadable(StoreError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be opened as a trace store: {reason} It was left as it is; "
            "restore it from a copy, or give another folder with --data."
        )
        self.path = path


class StoreNewer(StoreError):
    def __init__(self, location: str, version: int, known: int) -> None:
        super().__init__(
            f"{location} has schema version {version}, and this program knows versions up to {known}. "
            "Update composite-llm, or give it another database with --store."
        )


class StoreBusy(StoreError):
    def __init__(self) -> None:
        super().__init__("the store is being compacted; ask again in a second")


class NotOtlp(CollectorError):
    """The body is not an OTLP trace export request."""


class UnstorableSpans(CollectorError):
    """The database refuses the values themselves; sending them again cannot help."""


class BodyTooLarge(CollectorError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes after decompression; send smaller batches")


class QueueFull(CollectorError):
    def __init__(self) -> None:
        super().__init__("too many spans are waiting to be stored; send again in a second")


class TooMuchInHand(CollectorError):
    def __init__(self) -> None:
        super().__init__("too many bytes are being received at once; send again in a second")


class BodyStalled(CollectorError):
    def __init__(self) -> None:
        super().__init__("the rest of the body did not come in time; send it again")


class QuestionError(CollectorError):
    """The question cannot be answered as it was asked."""


class UnknownQuestion(QuestionError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no question named {name!r}")


class NotFound(QuestionError):
    """What was asked for by its id is not there."""


class TooManyQueries(QuestionError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} queries are running, which is the most at once; ask again when one has ended"
        )


class TooManySearches(QuestionError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} searches are under way, which is the most at once; ask again when one has ended"
        )


class BadStoreAddress(CollectorError):
    """Never repeats the address, which may hold a password."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the address of the store cannot be used: {reason}. Write it as "
            "clickhouse://user:password@host:port/database; without one, spans go into a file of their own."
        )


class TooManyFollowers(QuestionError):
    def __init__(self, most: int) -> None:
        super().__init__(f"{most} clients follow already, which is the most at once; close one of them")


class BadLimit(CollectorError):
    """What is to be kept was not said in a way that can be read."""


class PruneRunning(CollectorError):
    def __init__(self) -> None:
        super().__init__("the store is being pruned already; ask again when that is done")


class CollectorUnavailable(CollectorError):
    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no collector answers at {url} ({reason}). Start one with: composite-llm collect")
        self.url = url


class Unwanted(CollectorError):
    """Whoever asked has gone, or has said so."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class CollectorFailed(CollectorError):
    """In the collector's own words."""


class NotACollector(CollectorError):
    def __init__(self, url: str) -> None:
        super().__init__(
            f"something else than a composite-llm collector answers at {url}. Stop it, or choose another "
            "address with COMPOSITE_LLM_COLLECTOR, for example http://127.0.0.1:4319."
        )
        self.url = url


class OtherVersion(CollectorError):
    def __init__(self, url: str, version: str, missing: list[str]) -> None:
        super().__init__(
            f"the collector at {url} is of version {version} and does not tell {', '.join(missing)}. Stop it, and start "
            "it again from this installation: composite-llm collect."
        )
        self.url = url


class TokenNeeded(CollectorError):
    def __init__(self, url: str) -> None:
        super().__init__(
            f"the collector at {url} answers only to its own token. Set COMPOSITE_LLM_TOKEN to the one it was "
            "started with."
        )
        self.url = url


class PortInUse(CollectorError):
    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} is already in use. If a collector runs there, use it as it is; "
            "otherwise stop what holds the port, or choose another with --port."
        )
        self.port = port


class BadRedaction(CollectorError):
    """The file of patterns to redact cannot be used. Says which line, and why."""
