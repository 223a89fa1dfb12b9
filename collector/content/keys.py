"""Which attributes and events hold prompts, answers, and what tools were given and gave back: one table, for all
senders. Whoever stores no content stores none of these.

Instructions and descriptions of tools count as content, as OpenTelemetry sees it. What a call was asked to do
(temperature, stop sequences …), who asked and what it used does not.
"""

import re
from functools import lru_cache
from typing import Final

from collector.dialects.table import CONTENT
from composite_llm import conventions as c

KEYS: Final = frozenset(
    {
        *(key for dialects in CONTENT.values() for keys in dialects.values() for key in keys),
        # OpenTelemetry's, new and old
        *("gen_ai.prompt", "gen_ai.completion", "gen_ai.content.prompt", "gen_ai.content.completion"),
        *("gen_ai.event.content", "gen_ai.retrieval.documents", "gen_ai.evaluation.explanation"),
        # Langfuse, MLflow
        *("langfuse.trace.input", "langfuse.trace.output"),
        *("mlflow.chat.messages", "mlflow.chat.tools", "mlflow.traceInputs", "mlflow.traceOutputs"),
        *("mlflow.trace.requestPreview", "mlflow.trace.responsePreview"),
        # Logfire and pydantic-ai; the message is the span's name with the user's own values in it
        *(
            "tool_arguments",
            "tool_response",
            "system_instructions",
            "instructions",
            "model_request_parameters",
        ),
        *("request_data", "response_data", "logfire.msg", "logfire.arguments"),
        # OpenInference
        *("llm.function_call", "llm.prompt_template.template", "llm.prompt_template.variables"),
        *("tool.parameters", "reranker.query", "embedding.text", "embedding.vector", "document.content"),
        # OpenLLMetry
        *("traceloop.prompt.template", "traceloop.prompt.template_variables", "mcp.request.argument"),
        *(
            "mcp.response.value",
            "db.query.result.document",
            "langgraph.initial_state",
            "langgraph.final_state",
        ),
        # LiteLLM
        *("litellm.guardrail.response", "guardrail_response"),
        # what programs are told by errors, databases and their start, which may all quote a prompt
        *("exception.message", "exception.stacktrace", "db.statement", "mlflow.chunk.value"),
        *("process.command_args", "process.command_line"),
        # other agents' and SDKs'
        *("gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response", "gcp.vertex.agent.data"),
        *(
            "gcp.vertex.agent.tool_call_args",
            "gcp.vertex.agent.tool_response",
            "genkit:input",
            "genkit:output",
        ),
        *("haystack.component.input", "haystack.component.output", "langwatch.input", "langwatch.output"),
        *("lmnr.span.input", "lmnr.span.output", "braintrust.input", "braintrust.output"),
        *(
            "braintrust.input_json",
            "braintrust.output_json",
            "lk.user_input",
            "lk.user_transcript",
            "lk.chat_ctx",
        ),
        *(
            "lk.response.text",
            "lk.response.function_calls",
            "lk.function_tool.arguments",
            "lk.function_tool.output",
        ),
        # names that many use without a prefix
        *(
            "input",
            "output",
            "inputs",
            "outputs",
            "prompt",
            "prompts",
            "completion",
            "completions",
            "messages",
        ),
        *("message", "events", "question", "answer", "query", "response", "content", "choices"),
    }
)
"""Attributes by their whole name."""

SUBTREES: Final = (
    *(c.INPUT_MESSAGES, c.OUTPUT_MESSAGES, c.INPUT_VALUE, c.OUTPUT_VALUE, c.TOOL_ARGUMENTS, c.TOOL_RESULT),
    *("gen_ai.system_instructions", "gen_ai.tool.definitions"),
    *("gen_ai.retrieval.query", "gen_ai.memory", "gen_ai.prompt.variable"),
    *(
        "llm.input_messages",
        "llm.output_messages",
        "llm.prompts",
        "llm.completions",
        "llm.choices",
        "llm.tools",
    ),
    *("llm.request.functions", "llm.content", "retrieval.documents", "reranker.input_documents"),
    *("reranker.output_documents", "embedding.embeddings", "input.audio", "output.audio", "input.image"),
    *("output.image", "tool_call.function.arguments", "message.content", "message.contents"),
    *(
        "ai.prompt",
        "ai.response.text",
        "ai.response.object",
        "ai.response.toolCalls",
        "ai.response.reasoning",
    ),
    *("ai.toolCall.args", "ai.toolCall.result", "ai.result", "ai.value", "ai.values", "ai.embedding"),
    *("ai.embeddings", "traceloop.entity.input", "traceloop.entity.output"),
)
"""Attributes by what their names begin with, up to a dot: `llm.input_messages.0.message.content` …"""

_ONE_A_MESSAGE: Final = r"gen_ai\.(?:prompt|completion)\.\d+\..*"
"""As OpenLLMetry and LiteLLM write them: `gen_ai.prompt.0.content`. Not `gen_ai.prompt.name`."""
_RAW: Final = (
    r"llm\.(?!token_count\.|cost\.|usage\.|request\.|response\.)[^.]+\.(?:messages|message|content|contents|input|instructions|prompt|system|tools|functions"
    r"|choices|output|candidates|completion|text|stringified_raw_re(?:quest|sponse))"
)
"""LiteLLM's copy of the raw request and answer, by provider: `llm.openai.messages`."""
_CONTENT: Final = re.compile(
    "|".join(
        (
            *map(re.escape, sorted(KEYS)),
            *(re.escape(key) + r"(?:\..*)?" for key in SUBTREES),
            _ONE_A_MESSAGE,
            _RAW,
        )
    ),
    re.DOTALL,
)

_MESSAGES: Final = re.compile(
    r"gen_ai\.(?:[a-z_]+\.message|choice|content\.(?:prompt|completion)|client\.inference\.operation\.details)"
)
_KEPT_OF_MESSAGES: Final = re.compile(r"gen_ai\..*|role|index|finish_reason|id|name|event\.name", re.DOTALL)


@lru_cache(maxsize=4096)
def is_content(key: str) -> bool:
    """Whether the attribute `key` of a span, event or link holds content."""
    return _CONTENT.fullmatch(key) is not None


def is_message(name: str) -> bool:
    """Whether events of this name stand for a message."""
    return _MESSAGES.fullmatch(name) is not None


def is_kept_of_message(key: str) -> bool:
    """Whether an attribute of such an event may say something else than the message."""
    return _KEPT_OF_MESSAGES.fullmatch(key) is not None
