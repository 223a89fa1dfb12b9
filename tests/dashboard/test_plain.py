"""Hostile text stays text: what it would do if it were read as Markdown or HTML does not happen."""

import pytest

from dashboard.plain import in_markdown, in_plotly, line, readable


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://evil.example/x.png)",
        "[click](javascript:alert(1))",
        ":red[boo]",
        ":material/bolt:",
        ":tada:",
        "`code`",
        "<b>",
        "$x$",
        "**b**",
        "~~s~~",
    ],
)
def test_nothing_that_markdown_reads_is_left_unescaped(hostile):
    escaped = in_markdown(hostile)

    for position, character in enumerate(escaped):
        if character in "`*[]<>:$~!":
            assert escaped[position - 1] == "\\"
    assert escaped.replace("\\", "").replace("\u200b", "") == hostile


@pytest.mark.parametrize("hostile", [":material/bolt:", ":tada:", ":+1:"])
def test_no_colon_stands_before_a_name_since_streamlit_draws_icons_even_where_they_are_escaped(hostile):
    assert hostile[:3] not in in_markdown(hostile).replace("\\", "")


def test_control_characters_are_pictured_where_a_text_is_shown_whole():
    assert readable("a\x00b\x1b[31m\x7f") == "a␀b␛[31m␡"
    assert readable("line\n\ttabbed\r\n") == "line\n\ttabbed\r\n"


def test_an_address_is_not_made_a_link():
    assert "http:" not in in_markdown("see http://evil.example and me@evil.example").replace("\\", "")


def test_ordinary_names_are_left_alone():
    assert in_markdown("self_moa") == "self_moa"
    assert in_markdown("openai/gpt-4o.5") == "openai/gpt-4o.5"


def test_a_line_has_no_control_characters_and_an_end():
    assert line("a\nb\x00c\u202ed") == "a b c d"
    assert line("abcdef", 4) == "abc…"
    assert line(None) == ""


def test_plotly_reads_no_tags():
    assert in_plotly('<a href="x">&') == '&lt;a href="x"&gt;&amp;'
