"""Logs hold no more of what came in than the store does: an error may quote the value it is about."""

import logging

from collector.content.policy import ContentPolicy

LINE = "%(asctime)s %(levelname)s %(message)s"


class PolicyFormatter(logging.Formatter):
    def __init__(self, policy: ContentPolicy) -> None:
        super().__init__(LINE)
        self._policy = policy

    def format(self, record: logging.LogRecord) -> str:
        """The whole line, with its traceback, as the policy lets it stand."""
        return self._policy.words(super().format(record))


def log_through(policy: ContentPolicy) -> None:
    """For every handler of the root logger, where all others lead."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(PolicyFormatter(policy))
