"""The one way in: what every receiver, and the spool, does with a request."""

from concurrent.futures import Future

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.content.policy import ContentPolicy
from collector.decoding.decoded import Decoded, decoded
from collector.group_commit import GroupCommit
from collector.monitoring.refusals import Refusals
from collector.spans.batch import Batch


class Intake:
    def __init__(self, commits: GroupCommit, policy: ContentPolicy | None = None) -> None:
        self._commits = commits
        self.policy = policy or ContentPolicy()
        self.lost = 0
        """Spans that senders said they had to drop, since the start."""
        self.refusals = Refusals()

    def take(self, request: ExportTraceServiceRequest) -> tuple[Batch, "Future[None]"]:
        """The request's rows, and a future that is done once they are committed.

        From here on the request itself holds no more than may be kept. Raises QueueFull. The future raises
        UnstorableSpans or StoreError.
        """
        made = decoded(request, self.policy)
        return made.batch, self.accept(made)

    def accept(self, made: Decoded) -> "Future[None]":
        """The same for a request that the policy has been applied to already."""
        committed = self._commits.submit(made.batch)
        self.lost += made.lost
        self.refusals.spans(made.batch.rejected)
        return committed
