"""What of the texts that come in may be kept: all of them, redacted ones, or none of prompts and answers.

Applied to the decoded request, before rows are made of it, so that columns, JSON and what is kept as it came
are equally clean. Every text of a request is rewritten, whatever field it stands in: the walk asks the messages
themselves what they hold. With `none`, attributes that hold content go, and what is left is redacted.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.content.keys import is_content, is_kept_of_message, is_message
from collector.content.unknown_keys import sounds_like_content
from collector.errors import BadRedaction
from composite_llm.redaction import BadPatterns, Redactor, names_a_secret, redactor
from composite_llm.settings import CONTENT_CHOICES, content_choice

log = logging.getLogger(__name__)

FULL, NONE = "full", "none"


class ContentPolicy:
    """Says what to do with a request by `content`: `full`, `redacted` or `none`."""

    def __init__(self, content: str = FULL, patterns: Path | None = None) -> None:
        """Raises BadRedaction."""
        self.content = content
        self._redactor = Redactor()
        if content == FULL:
            return
        try:
            self._redactor = redactor(patterns)
        except BadPatterns as error:
            raise BadRedaction(str(error)) from error

    @property
    def keeps_all(self) -> bool:
        return self.content == FULL

    def apply(self, request: ExportTraceServiceRequest) -> None:
        """Rewrite `request` in place."""
        if self.keeps_all:
            return
        # Fields this program does not know cannot be looked into, and would be stored with the rest.
        request.DiscardUnknownFields()
        if self.content == NONE:
            _remove_content(request)
        self._redact(request)

    def words(self, text: str) -> str:
        """`text` as it may stand in a log."""
        return text if self.keeps_all else self._redactor.text(text)

    def _redact(self, message: Message) -> None:
        for field, value in message.ListFields():
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                for each in _all(value, field):
                    if isinstance(each, KeyValue):
                        self._redact_pair(each)
                    else:
                        self._redact(each)
            elif field.type == FieldDescriptor.TYPE_STRING:
                self._redact_field(message, field, value)

    def _redact_field(self, message: Message, field: FieldDescriptor, value: Any) -> None:
        if field.is_repeated:
            value[:] = [self._redactor.text(text) for text in value]
        else:
            setattr(message, field.name, self._redactor.text(value))

    def _redact_pair(self, pair: KeyValue, secret: str = "") -> None:
        """`secret` is the name of what it stands in, if that names a secret."""
        name = pair.key
        pair.key = self._redactor.text(name)
        self._redact_value(pair.value, secret or name)

    def _redact_value(self, value: AnyValue, name: str = "") -> None:
        match value.WhichOneof("value"):
            case "string_value":
                value.string_value = self._redactor.text(value.string_value, name)
            case "int_value":
                self._redact_number(value, value.int_value, name)
            case "double_value":
                self._redact_number(value, value.double_value, name)
            case "bytes_value":
                value.bytes_value = self._redacted_bytes(value.bytes_value, name)
            case "array_value":
                for item in value.array_value.values:
                    self._redact_value(item, name)
            case "kvlist_value":
                secret = name if names_a_secret(name) else ""
                for pair in value.kvlist_value.values:
                    self._redact_pair(pair, secret)
            case _:
                pass

    def _redact_number(self, value: AnyValue, number: float, name: str) -> None:
        new = self._redactor.number(number, name)
        if isinstance(new, str):
            value.string_value = new

    def _redacted_bytes(self, value: bytes, name: str) -> bytes:
        """Bytes are text as far as anybody can tell: Latin-1 makes one of any, and gives the same bytes back."""
        try:
            encoding, text = "utf-8", value.decode()
        except UnicodeDecodeError:
            encoding, text = "latin-1", value.decode("latin-1")
        return self._redactor.text(text, name).encode(encoding)


def _all(value: Any, field: FieldDescriptor) -> Any:
    return value if field.is_repeated else (value,)


def policy_of(word: str, patterns: Path | None) -> ContentPolicy:
    """The policy somebody chose by these words, which are told when they do not say what they seem to.

    Raises BadRedaction.
    """
    chosen = content_choice(word, patterns)
    if word and word.strip().lower() not in CONTENT_CHOICES:
        known = ", ".join(CONTENT_CHOICES)
        log.warning("content %r is none of %s: no prompts and answers are kept", word, known)
    if patterns and chosen == FULL:
        log.warning("content is full, so the patterns in %s are not used", patterns)
    return ContentPolicy(chosen, patterns)


def _remove_content(request: ExportTraceServiceRequest) -> None:
    for resource_spans in request.resource_spans:
        _remove(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            _remove(scope_spans.scope.attributes)
            for span in scope_spans.spans:
                _remove_from_span(span)


def _remove_from_span(span: Span) -> None:
    # Providers quote the prompt in what they say of an error; its class stands in an attribute.
    span.status.ClearField("message")
    _remove(span.attributes)
    for link in span.links:
        _remove(link.attributes)
    for event in span.events:
        _remove(event.attributes, but=is_kept_of_message if is_message(event.name) else None)


def _remove(pairs: Any, path: str = "", but: Callable[[str], bool] | None = None) -> None:
    """Take content out of attributes, and of those that stand inside one, which `path` leads to."""
    for place in reversed(range(len(pairs))):
        pair = pairs[place]
        whole = path + pair.key
        if (
            is_content(pair.key)
            or is_content(whole)
            or (sounds_like_content(whole) and _holds_text(pair.value))
            or (but is not None and not but(pair.key))
        ):
            del pairs[place]
        else:
            _remove_inside(pair.value, f"{whole}.")


def _holds_text(value: AnyValue) -> bool:
    """Itself: fields inside it are asked one by one."""
    match value.WhichOneof("value"):
        case "string_value" | "bytes_value":
            return True
        case "array_value":
            return any(_holds_text(item) for item in value.array_value.values)
        case _:
            return False


def _remove_inside(value: AnyValue, path: str) -> None:
    match value.WhichOneof("value"):
        case "kvlist_value":
            _remove(value.kvlist_value.values, path)
        case "array_value":
            for item in value.array_value.values:
                _remove_inside(item, path)
        case _:
            pass
