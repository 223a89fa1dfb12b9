"""Code, tags and words in what a model writes."""

import pytest

from composite_llm.recursion.fences import written
from composite_llm.recursion.finishing import Final, final_in


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("FINAL(fifty)", "fifty"),
        ("I am sure.\n  FINAL(f(x) = (a + b))\nThat is it.", "f(x) = (a + b)"),
        ("FINAL(a smile :) and no end)", "a smile :) and no end"),
        ("FINAL(1) one\n2) two)", "1) one\n2) two"),
        ("FINAL(of (many\nlines))", "of (many\nlines)"),
        ("FINAL(fifty) because I counted", "fifty"),
        ("FINAL('it\\'s (fifty)')", "it's (fifty)"),
        ('FINAL("fifty")', "fifty"),
        ("FINAL('a' or 'b')", "'a' or 'b'"),
        ("FINAL(cut in the", "cut in the"),
        ("FINAL()", ""),
        ("FINAL(" + "(" * 100_000, "(" * 100_000),
    ],
)
def test_a_tag_ends_with_the_bracket_that_ends_its_line(words, text):
    assert final_in(words) == Final(text, is_variable=False)


@pytest.mark.parametrize("words", ["FINAL_VAR(found)", "FINAL_VAR( 'found' )", "Now:\nFINAL_VAR(found) done"])
def test_a_tag_may_name_a_variable(words):
    assert final_in(words) == Final("found", is_variable=True)


@pytest.mark.parametrize(
    "words",
    ["", "I will say FINAL(50) later", "FINAL_VAR(a b)", "FINAL_VAR(os.system)", "FINALLY(1)", "FINAL 50"],
)
def test_what_is_no_tag_ends_nothing(words):
    assert final_in(words) is None


def test_blocks_of_code_are_those_that_say_so():
    text = "First.\n```repl\na = 1\n```\nThen.\n```json\n{}\n```\n~~~python\nb = '''\n```\n'''\n~~~\nEnd."
    found = written(text)

    assert found.code == ("a = 1", "b = '''\n```\n'''")
    assert found.words == "First.\nThen.\nEnd."
    assert not found.unclosed


def test_a_longer_fence_is_closed_by_one_as_long():
    found = written("````py\nprint('''\n```\n''')\n````\n")

    assert found.code == ("print('''\n```\n''')",)


@pytest.mark.parametrize(
    ("text", "unclosed"), [("```repl\na = 1", True), ("```text\na", False), ("a ``` b", False)]
)
def test_a_block_without_an_end_is_not_run(text, unclosed):
    found = written(text)

    assert (found.code, found.unclosed) == ((), unclosed)
