"""Text from traces, made harmless for the place that shows it.

Names, models and questions are written by whoever sends spans. Streamlit labels read Markdown, and an image in
Markdown makes the browser fetch it; Plotly labels read a little HTML. Bodies of prompts and answers do not come
here: they are shown by `st.code` and `st.text`, which read nothing.
"""

import re

_MARKDOWN = re.compile(r"([\\`*\[\]<>:$~#!|{}])")
_LINKS = re.compile(r"(?i)(https?|www|@|:(?=[\w+-]))")
"""What Streamlit turns into a link, an icon or an emoji even where it is escaped."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_CONTROL_PICTURED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PICTURES = 0x2400
"""Where Unicode's pictures of control characters begin, in their order; that of DEL stands after the other 33."""
_ZERO_WIDTH_SPACE = "\u200b"


def line(text: str | None, limit: int = 200) -> str:
    """One line of at most `limit` characters, without control characters or writing-direction overrides."""
    flat = _CONTROL.sub(" ", text or "").strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def in_markdown(text: str | None, limit: int = 200) -> str:
    """The text itself wherever Streamlit reads Markdown: no emphasis, images, directives or automatic links."""
    escaped = _MARKDOWN.sub(r"\\\1", line(text, limit))
    return _LINKS.sub(lambda match: match[0] + _ZERO_WIDTH_SPACE, escaped)


def in_plotly(text: str | None, limit: int = 60) -> str:
    """The text itself wherever Plotly reads its HTML subset."""
    return line(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def readable(text: str) -> str:
    """The text as it is for `st.text` and `st.code`, its control characters as pictures: a NUL would end some
    readers' text, and an escape sequence is to be seen and not to act."""
    return _CONTROL_PICTURED.sub(lambda found: chr(PICTURES + min(ord(found[0]), 0x21)), text)
