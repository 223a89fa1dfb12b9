"""Every span attribute key and value this project writes or reads, once.

Keys that OpenTelemetry defines (semantic-conventions-genai, all "Development") are
spelled its way; ours start with `composite.`; `openinference.*`, `llm.*`, `langfuse.*`
and `mlflow.*` are the dialects that Phoenix, Langfuse and MLflow read.

Two rules keep every back end's totals right:

- only billable leaves (`llm_call` spans) carry a model, usage or cost;
- containers carry `composite.rollup.*`, which no back end sums.
"""

from typing import Final

CONTRACT: Final = "composite.contract.version"  # on the scope
CONTRACT_VERSION: Final = 1
SCOPE_NAME: Final = "composite_llm"

# --- resource ----------------------------------------------------------------------
SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
PROJECT_NAME: Final = "openinference.project.name"
SPANS_LOST: Final = "composite.spans.lost"  # how many the program had to drop since its batch before

# --- on every span -----------------------------------------------------------------
OPERATION: Final = "gen_ai.operation.name"
OPENINFERENCE_KIND: Final = "openinference.span.kind"
LANGFUSE_TYPE: Final = "langfuse.observation.type"
SPAN_TYPE: Final = "composite.span.type"
REQUEST_ID: Final = "composite.request.id"
STRATEGY: Final = "composite.strategy.name"
SIMULATED: Final = "composite.simulated"  # true where an offline simulator answered
SESSION_ID: Final = "session.id"
USER_ID: Final = "user.id"
TRACE_NAME: Final = "langfuse.trace.name"
TRACE_TAGS: Final = "langfuse.trace.tags"

# --- values of composite.span.type -------------------------------------------------
REQUEST: Final = "request"  # one composite request; the root unless a caller's span is its parent
STAGE: Final = "stage"  # a phase of a strategy: propose, aggregate, rank, synthesize …
LLM_CALL: Final = "llm_call"  # one attempt that was sent to a provider: the only billable span
TOOL: Final = "tool"  # one tool that ran on this side
THINK_STEP: Final = "think_step"  # the same, for the tool that only notes a thought
RLM_NODE: Final = "rlm_node"  # one model exploring one text, by itself and by nodes below it
REPL_EXEC: Final = "repl_exec"  # one piece of code that such a model had run
GREP: Final = "grep"  # one search in its text
READ_LINES: Final = "read_lines"  # lines of its text, read by number

# --- values of gen_ai.operation.name -----------------------------------------------
INVOKE_WORKFLOW: Final = "invoke_workflow"
STAGE_OPERATION: Final = "composite.stage"
CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"
INVOKE_AGENT: Final = "invoke_agent"

# --- request -----------------------------------------------------------------------
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
MODEL_NAME: Final = "composite.model.name"  # what the client asked for: composite/moa/openai/gpt-4o
CONFIG_HASH: Final = "composite.strategy.config_hash"  # equal for runs of one configuration
STREAM: Final = "composite.request.stream"
STREAM_KIND: Final = "composite.stream"  # live | replayed: written while it came, or after it was chosen
TIME_TO_FIRST_CHUNK: Final = "composite.response.time_to_first_chunk"  # seconds: the two below together
TIME_TO_FINAL_CALL: Final = "composite.response.time_to_final_call"  # seconds before the final call began
FINAL_CALL_TO_FIRST_CHUNK: Final = "composite.response.final_call_to_first_chunk"  # seconds the model took
STOP_REASON: Final = "composite.stop_reason"  # complete | budget | timeout | iterations | cancelled | error
DEGRADED: Final = (
    "composite.degraded"  # true where the answer is built on less than was asked; on stages, too
)
DEGRADED_REASONS: Final = "composite.degraded.reasons"  # of a request: why, in sentences
BUDGET_USD: Final = "composite.budget.usd"  # the limits, where there are any
BUDGET_CALLS: Final = "composite.budget.calls"
BUDGET_TOKENS: Final = "composite.budget.tokens"
BUDGET_REFUSED: Final = "composite.budget.refused"  # calls that were not made for want of room
BUDGET_SHORTENED: Final = "composite.budget.shortened"  # calls whose answer was limited for want of room
LITELLM_CALL_ID: Final = "composite.litellm.call_id"
TOOL_POLICY: Final = "composite.tool.policy"  # who met the client's tools; only where it has some
PANEL_KEY: Final = "composite.panel.key"  # equal for requests that may share one panel's answers
PANEL_CACHE: Final = (
    "composite.panel.cache"  # new | hit | miss: asked first, reused, asked again in a tool loop
)
TRACE_METADATA_STRATEGY: Final = "langfuse.trace.metadata.strategy"

# --- stage -------------------------------------------------------------------------
STAGE_KIND: Final = "composite.stage.kind"  # propose | aggregate | rank | synthesize | direct | cache | composite (another server's)
STAGE_INDEX: Final = "composite.stage.index"  # 0-based position in the request
STAGE_NAME: Final = "composite.stage.name"
STAGE_FAN_OUT: Final = "composite.stage.fan_out"  # the most calls that ran side by side
STAGE_SUCCEEDED: Final = "composite.stage.succeeded"
STAGE_FAILED: Final = "composite.stage.failed"
STAGE_LEFT_BEHIND: Final = "composite.stage.left_behind"  # calls that were not waited for to the end

# --- llm_call ----------------------------------------------------------------------
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_TOP_P: Final = "gen_ai.request.top_p"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_FREQUENCY_PENALTY: Final = "gen_ai.request.frequency_penalty"
REQUEST_PRESENCE_PENALTY: Final = "gen_ai.request.presence_penalty"
REQUEST_STOP: Final = "gen_ai.request.stop_sequences"
REQUEST_REASONING: Final = "gen_ai.request.reasoning.level"
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
REQUEST_STREAM: Final = "gen_ai.request.stream"
CALL_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"  # seconds
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"  # includes cache reads and writes
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"  # includes reasoning
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
CACHE_CREATION_TOKENS: Final = "gen_ai.usage.cache_creation.input_tokens"  # its name before it was renamed
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
SERVER_ADDRESS: Final = "server.address"
ERROR_TYPE: Final = "error.type"
PROCESS_EXIT_CODE: Final = "process.exit.code"  # of the agent CLI that was run; absent where it was killed

CALL_ID: Final = "composite.call.id"
CALL_ATTEMPT: Final = "composite.call.attempt"  # 1-based; a retry is a sibling span
CALL_ROLE: Final = "composite.call.role"  # proposer | aggregator | member | reviewer | chair | direct
CALL_INDEX: Final = "composite.call.index"  # 0-based position in its fan-out
CALL_OUTCOME: Final = (
    "composite.call.outcome"  # ok | empty | error | timeout | cancelled | hedge_lost | discarded | cached
)
CALL_QUEUE_MS: Final = (
    "composite.call.queue_ms"  # waited for room in the budget before it was sent; absent without one
)
AGENT_QUEUE_MS: Final = (
    "composite.agent_cli.queue_ms"  # waited for others of its kind to end before it was run
)
CALL_HEDGE: Final = "composite.call.hedge"  # true on an attempt sent beside one that took long
LITELLM_MODEL: Final = "composite.litellm.model"  # provider/model as LiteLLM names it
USAGE_SOURCE: Final = (
    "composite.usage.source"  # provider | estimated | missing | none (refused: nothing was used)
)
COST_USD: Final = "composite.cost.usd"  # absent when unknown, never 0 for unknown
COST_SOURCE: Final = (
    "composite.cost.source"  # litellm | provider | own (prices.yaml) | unknown | cache (0: paid for before)
)
PRICE_VERSION: Final = "composite.cost.price_version"  # which price table the cost came from

# The same call in the dialects of the other back ends.
GEN_AI_COST: Final = "gen_ai.usage.cost"
LLM_COST_PROMPT: Final = "llm.cost.prompt"
LLM_COST_COMPLETION: Final = "llm.cost.completion"
LLM_COST_TOTAL: Final = "llm.cost.total"
LLM_REASONING_TOKENS: Final = "llm.token_count.completion_details.reasoning"
LANGFUSE_USAGE: Final = "langfuse.observation.usage_details"
LANGFUSE_COST: Final = "langfuse.observation.cost_details"
LANGFUSE_COMPLETION_START: Final = "langfuse.observation.completion_start_time"  # ISO 8601
LANGFUSE_LEVEL: Final = "langfuse.observation.level"
LANGFUSE_STATUS_MESSAGE: Final = "langfuse.observation.status_message"
MLFLOW_COST: Final = "mlflow.llm.cost"

# --- scores, as events of any span: read here, written by whoever evaluates ----------
EVALUATION_RESULT: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"

# --- content (written unless COMPOSITE_LLM_CONTENT=none) ---------------------------
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
INPUT_VALUE: Final = "input.value"
INPUT_MIME: Final = "input.mime_type"
OUTPUT_VALUE: Final = "output.value"
OUTPUT_MIME: Final = "output.mime_type"
CONTENT_TRUNCATED: Final = "composite.content.truncated"

# --- roll-ups, on requests and stages ----------------------------------------------
ROLLUP_CALLS: Final = "composite.rollup.llm_calls"
ROLLUP_INPUT_TOKENS: Final = "composite.rollup.input_tokens"
ROLLUP_OUTPUT_TOKENS: Final = "composite.rollup.output_tokens"
ROLLUP_REASONING_TOKENS: Final = "composite.rollup.reasoning_tokens"
ROLLUP_COST_USD: Final = "composite.rollup.cost_usd"  # of the priced calls
ROLLUP_COST_STATUS: Final = "composite.rollup.cost_status"  # known | partial | unknown
ROLLUP_ERRORS: Final = "composite.rollup.errors"
ROLLUP_MAX_DEPTH: Final = "composite.rollup.max_depth"  # how deep a recursion really went; 0: it did not

# --- tools -------------------------------------------------------------------------
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"  # content
TOOL_RESULT: Final = "gen_ai.tool.call.result"  # content
THINK_INDEX: Final = "composite.think.index"  # 0-based position among the thoughts of one model
THINK_CHARS: Final = "composite.think.chars"
THINK_AFTER_TOOL: Final = "composite.think.after_tool"  # true where another tool's result stood before it
THINK_USED_UP: Final = (
    "composite.think.used_up"  # on a stage: max_thinks was reached, and thinking ended there
)
VOTE_OUTCOME: Final = "composite.vote.outcome"  # tools | words | tie
VOTE_BALLOTS: Final = "composite.vote.ballots"  # JSON, one object per action: its tools, and who wanted it

# --- council -----------------------------------------------------------------------
COUNCIL_BALLOTS: Final = "composite.council.ballots"  # JSON, one object per review: who ranked whom, and how
COUNCIL_MEAN_RANKS: Final = "composite.council.mean_ranks"  # JSON: member index -> mean rank, best first

# --- self_consistency, best_of_n, judge: answers of which one is chosen ---------------
SELF_CONSISTENCY_SAMPLES: Final = "composite.self_consistency.samples"  # answers that were counted
SELF_CONSISTENCY_CLUSTERS: Final = (
    "composite.self_consistency.clusters"  # JSON: the sizes of groups of equal answers
)
SELF_CONSISTENCY_AGREEMENT: Final = (
    "composite.self_consistency.agreement"  # the largest group's share, 0 to 1
)
SELF_CONSISTENCY_MARGIN: Final = (
    "composite.self_consistency.margin"  # its lead over the next, as a share, 0 to 1
)
SELF_CONSISTENCY_ENTROPY: Final = (
    "composite.self_consistency.entropy"  # of the sizes, in bits: 0 where all agree
)
SELF_CONSISTENCY_DECIDED_BY: Final = "composite.self_consistency.decided_by"  # vote | llm
SELF_CONSISTENCY_WINNER: Final = "composite.self_consistency.winner"  # the index of its call
BEST_OF_N_SCORES: Final = (
    "composite.best_of_n.scores"  # JSON: sample index -> 0 to 10, null where none could be read
)
BEST_OF_N_SPREAD: Final = "composite.best_of_n.spread"  # the best score less the worst
BEST_OF_N_WINNER: Final = "composite.best_of_n.winner"
JUDGE_ORDER: Final = "composite.judge.order"  # JSON: candidates as the judge read them, by index
JUDGE_DUELS: Final = "composite.judge.duels"  # JSON, one object per pair: who won in either order
JUDGE_FLIP_RATE: Final = (
    "composite.judge.flip_rate"  # share of pairs that another order decided otherwise, 0 to 1
)
JUDGE_WINNER: Final = "composite.judge.winner"

# --- debate ------------------------------------------------------------------------
DEBATE_ROUND: Final = "composite.debate.round"  # of a round's stage, 1-based
DEBATE_CLUSTERS: Final = "composite.debate.clusters"  # JSON: the sizes of groups of equal answers after it
DEBATE_FLIPS: Final = (
    "composite.debate.flips"  # of a round: agents that changed their answer; at the end: of all
)
DEBATE_FOLLOWED: Final = "composite.debate.followed"  # those of them that took over what had led before
DEBATE_ROUNDS: Final = "composite.debate.rounds"  # that were held
DEBATE_CONSENSUS_ROUND: Final = (
    "composite.debate.consensus_round"  # the first after which all agreed; absent if none
)
DEBATE_MARGIN: Final = "composite.debate.margin"  # the largest group's lead at the end, as a share, 0 to 1
DEBATE_AGREEMENT: Final = "composite.debate.agreement"  # the largest group's share at the end, 0 to 1
DEBATE_WINNER: Final = (
    "composite.debate.winner"  # the agent whose answer was chosen; absent where one was written
)

# --- rlm: nodes, the code they run, what they look up ---------------------------------
AGENT_NAME: Final = "gen_ai.agent.name"
RLM_DEPTH: Final = "composite.rlm.depth"  # 0 for the root
RLM_MAX_DEPTH: Final = "composite.rlm.max_depth"  # as deep as nodes may stand
RLM_NODE_ID: Final = "composite.rlm.node_id"  # 0 for the root, 0.2 for its third child
RLM_PARENT_NODE_ID: Final = "composite.rlm.parent_node_id"
RLM_CHILD_INDEX: Final = "composite.rlm.child_index"  # 0-based place among its siblings
RLM_ITERATIONS: Final = "composite.rlm.iterations"  # turns it took
RLM_TERMINATION: Final = "composite.rlm.termination"  # answer | submit | final | final_var | said | iterations | calls | budget | timeout | cancelled | error
RLM_CONTEXT_CHARS: Final = "composite.rlm.context.chars"
RLM_CONTEXT_TOKENS: Final = "composite.rlm.context.tokens"  # of a long one an estimate
RLM_CONTEXT_START: Final = "composite.rlm.context.start"  # where it stands in the root's context, if it does
RLM_CONTEXT_END: Final = "composite.rlm.context.end"
RLM_CONTEXT_SHA256: Final = "composite.rlm.context.sha256"
RLM_QUERY_CHARS: Final = "composite.rlm.query.chars"
RLM_COVERAGE: Final = (
    "composite.rlm.coverage"  # share of the root's context that was printed or asked about, 0 to 1
)
RLM_SEEN: Final = "composite.rlm.seen"  # JSON: which characters of it, as [[start, end], …]
RLM_SUB_CALLS: Final = "composite.rlm.sub_calls"  # that its code made, those that failed among them
RLM_SUB_CALL_ERRORS: Final = "composite.rlm.sub_call_errors"
RLM_DEPTH_LIMITED: Final = (
    "composite.rlm.depth_limited"  # calls that were to recurse and had to be plain ones
)
RLM_COMPACTIONS: Final = "composite.rlm.compactions"  # times its notes were put together to make room
RLM_BUDGET_USD: Final = "composite.rlm.budget_in.usd"  # what was left when it began; absent without a limit
RLM_BUDGET_SUB_CALLS: Final = "composite.rlm.budget_in.sub_calls"
RLM_BUDGET_SECONDS: Final = "composite.rlm.budget_in.seconds"
REPL_ITERATION: Final = "composite.repl.iteration"  # 1-based turn of its node
REPL_CODE_CHARS: Final = "composite.repl.code.chars"
REPL_CODE_SHA256: Final = "composite.repl.code.sha256"
REPL_STDOUT_CHARS: Final = "composite.repl.stdout.chars"
REPL_TRUNCATED: Final = "composite.repl.truncated"
REPL_EXIT: Final = "composite.repl.exit"  # ok | exception | crash | the limit it met
REPL_EXCEPTION_TYPE: Final = "composite.repl.exception_type"
REPL_SUB_CALLS: Final = "composite.repl.subcalls"
REPL_SANDBOX: Final = "composite.repl.sandbox"  # monty | locked | unsafe_local
GREP_MATCHES: Final = "composite.grep.matches"
GREP_RETURNED: Final = "composite.grep.returned"
GREP_TRUNCATED: Final = "composite.grep.truncated"
READ_START_LINE: Final = "composite.read.start_line"  # 1-based, the last one included
READ_END_LINE: Final = "composite.read.end_line"
READ_LINE_COUNT: Final = "composite.read.lines"
READ_CHARS: Final = "composite.read.chars"

# --- fusion, reflect -----------------------------------------------------------------
FUSION_READ: Final = "composite.fusion.read"  # how the analysis was had: first | repaired | none
FUSION_CONSENSUS: Final = "composite.fusion.consensus"  # how many points all agree on
FUSION_CONTRADICTIONS: Final = "composite.fusion.contradictions"
FUSION_GAPS: Final = "composite.fusion.gaps"  # points only some answers cover
FUSION_BLIND_SPOTS: Final = "composite.fusion.blind_spots"  # points no answer covers
FUSION_UNIQUE: Final = "composite.fusion.unique"  # JSON: member index -> insights that only it had
REFLECT_VERDICT: Final = "composite.reflect.verdict"  # of a critique: accept | revise | none (it failed)
REFLECT_ISSUES: Final = "composite.reflect.issues"  # JSON: severity -> how many were found
REFLECT_MAX_SEVERITY: Final = "composite.reflect.max_severity"  # low | medium | high; absent without issues
REFLECT_CHANGED: Final = "composite.reflect.changed"  # share of words that a rewrite changed, 0 to 1
REFLECT_LENGTH_RATIO: Final = "composite.reflect.length_ratio"  # characters of a rewrite by its draft's
REFLECT_PICKED: Final = "composite.reflect.picked"  # rewrite | draft (the rewrite was worse) | none

# --- smoa, on the stage in which a judge selects --------------------------------------
SMOA_ROUND: Final = "composite.smoa.round"  # 1-based
SMOA_SELECTED: Final = "composite.smoa.selected"  # JSON: indices of the proposers whose answers are read on
SMOA_PASSED_OVER: Final = "composite.smoa.passed_over"  # JSON: of those that answered and are not
SMOA_READ: Final = "composite.smoa.read"  # how the verdict was had: first | repaired | none (all are read on)
SMOA_ENDED: Final = "composite.smoa.ended"  # true where the judge ended the rounds
SMOA_ROUNDS_SPARED: Final = "composite.smoa.rounds_spared"  # rounds that were not held because of that

# --- tumix, on the stages of its rounds, verdicts and vote ------------------------------
TUMIX_ROUND: Final = "composite.tumix.round"  # 1-based
TUMIX_AGENTS: Final = "composite.tumix.agents"  # JSON: the agents' names, by the index of their calls
TUMIX_CLUSTERS: Final = "composite.tumix.clusters"  # JSON: the sizes of groups of equal answers
TUMIX_MARGIN: Final = "composite.tumix.margin"  # the leader's lead, as a share of the answers, 0 to 1
TUMIX_ENTROPY: Final = "composite.tumix.entropy"  # of the sizes, in bits: 0 where all agree
TUMIX_COVERAGE: Final = "composite.tumix.coverage"  # share of the agents that answered, 0 to 1
TUMIX_STOP: Final = "composite.tumix.stop"  # of a verdict: whether the rounds ended with it
TUMIX_CONFIDENCE: Final = "composite.tumix.confidence"  # the judge's own, 0 to 1; absent where it gave none
TUMIX_TIE_BROKEN: Final = "composite.tumix.tie_broken"  # true where a judge decided between equally many
TUMIX_WINNER: Final = "composite.tumix.winner"  # index of the agent whose answer was given out
TUMIX_WINNER_AGENT: Final = "composite.tumix.winner_agent"  # its name

# --- halo, on the stages of its searches and of its answer ------------------------------
HALO_SUBTASK: Final = "composite.halo.subtask"  # 1-based
HALO_SIMULATION: Final = "composite.halo.simulation"  # 1-based
HALO_NODES: Final = (
    "composite.halo.nodes"  # JSON, one object per answer in the tree: where it stands, its worth
)
HALO_CHOSEN: Final = "composite.halo.chosen"  # JSON: the answers that led to the best one, and it
HALO_SUBTASKS: Final = "composite.halo.subtasks"  # that came to a result
HALO_STOPPED_BY: Final = "composite.halo.stopped_by"  # planner | agreement | subtasks | calls

# --- cascade, on the stage of each step ---------------------------------------------
CASCADE_STEP: Final = "composite.cascade.step"  # 1-based
CASCADE_ACCEPTED: Final = "composite.cascade.accepted"
CASCADE_DECIDED_BY: Final = (
    "composite.cascade.decided_by"  # judge | consistency | logprob | validator | last | failed (no answer)
)
CASCADE_ACCEPT_SCORE: Final = "composite.cascade.accept_score"  # 0 to 1; absent where none could be told
CASCADE_THRESHOLD: Final = "composite.cascade.threshold"  # 0 to 1; absent where nothing was tested
CASCADE_FAILED_CHECKS: Final = "composite.cascade.failed_checks"  # JSON: names, of a validator

# --- router ------------------------------------------------------------------------
ROUTER_ROUTE: Final = "composite.router.route"  # the route's name
ROUTER_CHOSEN_BY: Final = "composite.router.chosen_by"  # rule | classifier | default | passthrough
ROUTER_RULE: Final = "composite.router.rule"  # 1-based position of the rule that held
ROUTER_REASON: Final = (
    "composite.router.reason"  # its conditions, or why the default: tools, context_tokens, keywords …
)

# --- profiles, nested composites, graph modes, baselines ----------------------------
PROFILE_NAME: Final = "composite.profile.name"  # on the request that was asked for by a profile's name
PROFILE_HASH: Final = "composite.profile.hash"  # equal for profiles that run the same way
DEPTH: Final = "composite.depth"  # of a request: 0 for the client's own, 1 for a composite inside it …
GRAPH_STEP: Final = "composite.graph.step"  # of a stage: the kind of step, fanout | vote | loop_until …
GRAPH_FOUND: Final = "composite.graph.found"  # JSON: what a step that judges or decides came to
BASELINE_OF: Final = (
    "composite.baseline.of"  # on the plain request: trace id of the composite it stands beside
)
BASELINE_TRACE: Final = "composite.baseline.trace_id"  # on the composite: trace id of its plain request
BASELINE_MODEL: Final = "composite.baseline.model"
BASELINE_RATE: Final = "composite.baseline.sample_rate"  # the share of requests that have one

# --- links -------------------------------------------------------------------------
LINK_TYPE: Final = "composite.link.type"
BASELINE: Final = "baseline"  # between a composite request and the plain one beside it, both ways
CONSUMES: Final = "consumes"  # from the call that read an answer to the call that wrote it
REPEATS: Final = "repeats"  # from an answer that was used again to the call that was paid for it

# --- names OpenTelemetry gives to providers that LiteLLM names otherwise -------------
PROVIDER_NAMES: Final = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "composer-cli": "cursor",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
