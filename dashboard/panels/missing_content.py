"""Why a text that one would expect is not there."""

from dashboard import queries

KEPT = {
    "none": "This collector keeps no prompts and answers (COMPOSITE_LLM_CONTENT=none).",
    "redacted": "This collector keeps texts redacted (COMPOSITE_LLM_CONTENT=redacted), and its program sent none.",
}


def why_content_is_missing() -> str:
    return KEPT.get(
        queries.health().content,
        "Its program sent none; COMPOSITE_LLM_CONTENT=none leaves content out there, too.",
    )
