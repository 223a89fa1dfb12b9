"""The one way in: what every receiver, and the spool, does with a decoded request."""

from concurrent.futures import Future

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.content.policy import ContentPolicy
from collector.group_commit import GroupCommit
from collector.sending.lost_spans import lost_before
from collector.spans.batch import Batch
from collector.spans.otlp import batch_of


class Intake:
    def __init__(self, commits: GroupCommit, policy: ContentPolicy | None = None) -> None:
        self._commits = commits
        self.policy = policy or ContentPolicy()
        self.lost = 0
        """Spans that senders said they had to drop, since the start."""

    def take(
        self, request: ExportTraceServiceRequest, wire_bytes: int | None = None
    ) -> tuple[Batch, "Future[None]"]:
        """The request's rows, and a future that is done once they are committed. It came in so many bytes, if known.

        From here on the request itself holds no more than may be kept. Raises QueueFull. The future raises UnstorableSpans or StoreError.
        """
        self.policy.apply(request)
        batch = batch_of(request, wire_bytes=wire_bytes)
        batch.make_ready()
        committed = self._commits.submit(batch)
        self.lost += lost_before(request)
        return batch, committed
