"""How other instrumentations name what our columns hold: the one table of foreign attribute keys.

Every dialect reads its own keys first and then those of OpenTelemetry's `gen_ai.*`, old and new, because most
senders mix the two. Keys of one entry stand in order of precedence. Written from what the packages send
(recorded in tests/collector/dialects/recorded) and, where they do not send it by themselves, from their sources.

What the numbers mean differs; ours are inclusive, as OpenTelemetry's: input holds what was read from and
written to a cache, output holds reasoning.

- gen_ai, openinference, openllmetry, logfire, litellm, mlflow: inclusive. Their instrumentations of Anthropic,
  whose API reports the cache beside the input, add it (openinference `_utils.py`, openllmetry `__init__.py`,
  logfire `anthropic.py`, mlflow `autolog.py`).
- langfuse: `usage_details` are buckets that do not overlap, so they are added up; in OpenAI's shape
  (`prompt_tokens` …) they are inclusive, as OpenAI's.
- Of any sender: a part larger than its whole was reported beside it, and is added (`foreign._whole`). Old
  versions of the Anthropic instrumentations did so.
"""

from typing import Final

from collector.dialects.packed_values import (
    Reader,
    langfuse_cost,
    langfuse_usage,
    litellm_usage,
    mlflow_cost,
    mlflow_usage,
    openai_usage,
)
from composite_llm import conventions as c

COMPOSITE: Final = "composite"
GEN_AI: Final = "gen_ai"
OPENINFERENCE: Final = "openinference"
OPENLLMETRY: Final = "openllmetry"
LANGFUSE: Final = "langfuse"
LOGFIRE: Final = "logfire"
LITELLM: Final = "litellm"
MLFLOW: Final = "mlflow"

MARKS: Final = {
    LANGFUSE: (c.LANGFUSE_TYPE, c.LANGFUSE_USAGE, "langfuse.observation.model.name"),
    MLFLOW: ("mlflow.spanType",),
    LITELLM: ("litellm.call_id", "litellm.provider.model", "gen_ai.cost.total_cost"),
    LOGFIRE: ("logfire.span_type", "model_request_parameters", "pydantic_ai.all_messages", "operation.cost"),
    OPENLLMETRY: (
        "traceloop.span.kind",
        "traceloop.entity.path",
        "traceloop.workflow.name",
        "llm.request.type",
        "gen_ai.is_streaming",
        "llm.is_streaming",
    ),
    OPENINFERENCE: (c.OPENINFERENCE_KIND, "llm.model_name", "llm.token_count.prompt"),
    GEN_AI: (
        c.OPERATION,
        c.PROVIDER,
        "gen_ai.system",
        c.REQUEST_MODEL,
        c.RESPONSE_MODEL,
        c.INPUT_TOKENS,
        c.OUTPUT_TOKENS,
        "gen_ai.usage.prompt_tokens",
        c.GEN_AI_COST,
        c.LLM_COST_TOTAL,
    ),
}
"""Any of these keys makes a span one of the dialect's, the first dialect in this order."""

NO_MARKS_ALONE: Final = frozenset({"logfire.span_type"})
"""On spans that say nothing of models, too."""

KEYS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    # --- what kind of span it is: words, which `CALLS` and `TOOLS` sort
    "span_type": {
        GEN_AI: (c.OPERATION,),
        OPENINFERENCE: (c.OPENINFERENCE_KIND,),
        OPENLLMETRY: ("traceloop.span.kind", "llm.request.type"),
        LANGFUSE: (c.LANGFUSE_TYPE,),
        LITELLM: (c.OPERATION, "llm.request.type"),
        MLFLOW: ("mlflow.spanType",),
    },
    "operation": {
        GEN_AI: (c.OPERATION,),
        OPENLLMETRY: (c.OPERATION, "llm.request.type"),
        LITELLM: (c.OPERATION, "llm.request.type"),
    },
    # --- who answered
    "provider": {
        GEN_AI: (c.PROVIDER, "gen_ai.system"),
        OPENINFERENCE: ("llm.provider", "llm.system"),
        OPENLLMETRY: (c.PROVIDER, "gen_ai.system", "llm.vendor"),
        MLFLOW: ("mlflow.llm.provider",),
    },
    "model": {
        GEN_AI: (c.REQUEST_MODEL, c.RESPONSE_MODEL),
        OPENINFERENCE: (
            "llm.request.model_name",
            "llm.model_name",
            "llm.response.model_name",
            "embedding.model_name",
            "reranker.model_name",
        ),
        OPENLLMETRY: (c.REQUEST_MODEL, "llm.request.model", c.RESPONSE_MODEL, "llm.response.model"),
        LANGFUSE: ("langfuse.observation.model.name",),
        LOGFIRE: (c.REQUEST_MODEL, c.RESPONSE_MODEL, "model_name"),
        MLFLOW: ("mlflow.llm.model", "mlflow.chat.model"),
    },
    "response_id": {GEN_AI: (c.RESPONSE_ID,)},
    "role": {
        GEN_AI: (c.AGENT_NAME, c.WORKFLOW_NAME),
        OPENINFERENCE: ("graph.node.name", "graph.node.id", "agent.name"),
        OPENLLMETRY: (c.AGENT_NAME, "traceloop.entity.path", "traceloop.entity.name"),
        LOGFIRE: (c.AGENT_NAME, "agent_name"),
    },
    # --- what it used and what that cost
    "input_tokens": {
        GEN_AI: (c.INPUT_TOKENS, "gen_ai.usage.prompt_tokens"),
        OPENINFERENCE: ("llm.token_count.prompt",),
        OPENLLMETRY: (c.INPUT_TOKENS, "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
        # Its agents carry the sum of their calls under a name of its own.
        LOGFIRE: (c.INPUT_TOKENS, "gen_ai.aggregated_usage.input_tokens"),
    },
    "output_tokens": {
        GEN_AI: (c.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens"),
        OPENINFERENCE: ("llm.token_count.completion",),
        OPENLLMETRY: (c.OUTPUT_TOKENS, "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"),
        LOGFIRE: (c.OUTPUT_TOKENS, "gen_ai.aggregated_usage.output_tokens"),
    },
    "cached_tokens": {
        GEN_AI: (
            c.CACHE_READ_TOKENS,
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.cached_tokens",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.details.cached_tokens",
        ),
        OPENINFERENCE: (
            "llm.token_count.prompt_details.cache_read",
            "llm.token_count.prompt_details.cache_input",
        ),
        LOGFIRE: (
            c.CACHE_READ_TOKENS,
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.details.cached_tokens",
            "gen_ai.aggregated_usage.cache_read.input_tokens",
        ),
    },
    "cache_write_tokens": {
        GEN_AI: (
            c.CACHE_WRITE_TOKENS,
            c.CACHE_CREATION_TOKENS,
            "gen_ai.usage.cache_creation_input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
        ),
        OPENINFERENCE: ("llm.token_count.prompt_details.cache_write",),
        LOGFIRE: (
            c.CACHE_WRITE_TOKENS,
            c.CACHE_CREATION_TOKENS,
            "gen_ai.usage.details.cache_write_tokens",
            "gen_ai.aggregated_usage.cache_creation.input_tokens",
        ),
    },
    "reasoning_tokens": {
        GEN_AI: (
            c.REASONING_TOKENS,
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
        ),
        OPENINFERENCE: (c.LLM_REASONING_TOKENS,),
        OPENLLMETRY: ("gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens"),
        LOGFIRE: (
            c.REASONING_TOKENS,
            "gen_ai.usage.details.reasoning_tokens",
            "gen_ai.aggregated_usage.details.reasoning_tokens",
        ),
    },
    "cost_usd": {
        GEN_AI: (c.GEN_AI_COST, "gen_ai.usage.cost.amount", c.LLM_COST_TOTAL),
        OPENINFERENCE: (c.LLM_COST_TOTAL,),
        LOGFIRE: ("operation.cost",),
        LITELLM: ("gen_ai.cost.total_cost", "litellm.cost.total"),
    },
    # --- whose it was
    "session_id": {
        GEN_AI: (c.SESSION_ID, c.CONVERSATION_ID),
        OPENLLMETRY: ("traceloop.association.properties.session_id",),
        LANGFUSE: ("langfuse.session.id",),
        MLFLOW: ("mlflow.trace.session",),
    },
    "user_id": {
        GEN_AI: (c.USER_ID,),
        OPENLLMETRY: ("traceloop.association.properties.user_id", "llm.user"),
        LANGFUSE: ("langfuse.user.id",),
        LITELLM: ("llm.user",),
        MLFLOW: ("mlflow.trace.user",),
    },
    "tags": {
        GEN_AI: (c.TRACE_TAGS,),
        OPENINFERENCE: ("tag.tags",),
        LOGFIRE: ("logfire.tags",),
    },
}
"""For each column, where each dialect writes it. Dialects not named read OpenTelemetry's keys alone."""

CONTENT: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "input_value": {
        OPENLLMETRY: ("traceloop.entity.input",),
        LANGFUSE: ("langfuse.observation.input",),
        MLFLOW: ("mlflow.spanInputs",),
        LOGFIRE: ("prompt",),
    },
    "output_value": {
        OPENLLMETRY: ("traceloop.entity.output",),
        LANGFUSE: ("langfuse.observation.output",),
        MLFLOW: ("mlflow.spanOutputs",),
        LOGFIRE: ("final_result",),
    },
    "input_messages": {LOGFIRE: ("pydantic_ai.all_messages", "all_messages_events")},
    "output_messages": {},
}
"""Where dialects write the four texts of content that do not use our keys, which are OpenInference's and
OpenTelemetry's. Such a text is moved into its column; its key stays among the attributes, without a value."""

BLOBS: Final[dict[str, tuple[tuple[str, Reader], ...]]] = {
    LANGFUSE: ((c.LANGFUSE_USAGE, langfuse_usage), (c.LANGFUSE_COST, langfuse_cost)),
    # Logfire's own instrumentation of OpenAI tells the details nowhere else.
    LOGFIRE: (("gen_ai.usage.raw", openai_usage),),
    # So does LiteLLM's first callback, which writes Python's notation.
    LITELLM: (("metadata.usage_object", litellm_usage),),
    MLFLOW: (("mlflow.chat.tokenUsage", mlflow_usage), (c.MLFLOW_COST, mlflow_cost)),
}
"""Attributes that hold several columns as one text. They win over `KEYS`."""

CALLS: Final = frozenset(
    {
        # OpenTelemetry's operations
        *("chat", "text_completion", "generate_content", "embeddings"),
        # OpenInference, Langfuse, MLflow
        *("llm", "embedding", "generation", "chat_model"),
        # OpenLLMetry's `llm.request.type`, and LiteLLM's names of its functions
        *("completion", "responses", "messages", "anthropic_messages", "rerank", "image_generation"),
        *("acompletion", "aresponses", "aembedding", "atext_completion", "arerank", "aimage_generation"),
        *("transcription", "atranscription", "speech", "aspeech", "agenerate_content"),
    }
)
"""Words for a span that is one call of a model. Every other word is a container's: its usage repeats what
its calls used, if they are there."""

CONTAINERS: Final = {"invoke_agent": "agent", "create_agent": "agent", "invoke_workflow": "workflow"}
"""Words of OpenTelemetry for what the others name in one word."""

TOOLS: Final = frozenset({"tool", "execute_tool", "mcp_tool", "function"})

PENDING: Final = ("logfire.span_type", "pending_span")
"""Logfire announces spans before they end; the announcement says nothing of its own."""

RESPONSE_ID_IN: Final = {OPENINFERENCE: c.OUTPUT_VALUE, MLFLOW: "mlflow.spanOutputs"}
"""Where the raw answer stands, for dialects that write the id of a response nowhere else."""

NODE_IN: Final = "metadata"
"""Where OpenInference's LangChain instrumentation writes LangGraph's node."""
