"""When two answers are the same, and what most of them come to."""

from math import log2

import pytest

from composite_llm.strategies.parts.agreement import grouped, key_of, marked, tally


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("So it is <<<42>>>.", "42"),
        ("First <<<1>>>, no: <<<2>>>", "2"),
        (r"Thus \boxed{\frac{1}{2}} as said", r"\frac{1}{2}"),
        ("3 + 4 = 7\n#### 7", "7"),
        ("I think.\n**Answer:** (B)", "** (B)"),
        ("The final answer is Paris.", "Paris."),
        ("The answer depends on you.", None),
        ("", None),
    ],
)
def test_an_answer_may_mark_its_result(text, result):
    assert marked(text) == result


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reasoning …\n#### 1,234.50", "It comes to <<<1234.5>>>"),
        ("**Answer:** (B)", "b)"),
        ("Option C", "<<<c.>>>"),
        ("  Paris. ", "paris"),
        ("42", "The answer is 42."),
    ],
)
def test_answers_that_are_the_same(one, other):
    assert key_of(one, "auto") == key_of(other, "auto") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A good idea", "A"),
        ("It is 7 or 8", "8"),
        ("<<<1.2.3>>>", "<<<1.23>>>"),
        ("-4", "4"),
        ("Lyon", "Paris"),
    ],
)
def test_answers_that_are_not(one, other):
    assert key_of(one, "auto") != key_of(other, "auto")


def test_by_what_they_are_compared():
    text = "Two of 3\nmake 7, all in all.\n\n"
    assert key_of(text, "number") == "7.0"
    assert key_of(text, "last_line") == "make 7, all in all"
    assert key_of(text, "text") == "two of 3 make 7, all in all"
    assert key_of(text, "choice") is None
    assert key_of("C: because", "choice") == "c"


@pytest.mark.parametrize(
    ("texts", "by", "winner", "agreement"),
    [
        (["Blue.", "blue", "Red"], "text", 0, 2 / 3),
        (["I think\n\n**Paris**", "Lyon", "Surely:\nparis."], "last_line", 0, 2 / 3),
        (["It is 1,200.50", "1200.5!", "3"], "number", 0, 2 / 3),
        (["a", "b"], "text", 0, 1 / 2),
        (["no figure", "7"], "number", 1, 1 / 2),
    ],
)
def test_votes_count_what_is_the_same(texts, by, winner, agreement):
    found = tally(texts, by)
    assert (found.winner, found.agreement) == (winner, agreement)


def test_a_tally_of_three_against_one_against_one():
    """Of 5 answers one says nothing: groups of 2, 1 and 1; shares of 4 that can be compared: 1/2, 1/4, 1/4."""
    found = tally(["Rome", "Paris", " paris.", "", "Lyon"], "auto")

    assert [list(group) for group in found.groups] == [[1, 2], [0], [4]]
    assert (found.winner, found.agreement, found.margin) == (1, 2 / 5, 1 / 5)
    assert found.entropy == pytest.approx(0.5 * log2(2) + 2 * 0.25 * log2(4))


def test_what_cannot_be_overtaken_is_decided():
    assert not grouped(["a", "a", "b"]).decided(waiting=1)
    assert grouped(["a", "a", "a", "b"]).decided(waiting=1)
    assert not grouped([]).decided(waiting=0)


def test_where_nothing_can_be_compared_the_first_answer_stands():
    found = tally(["", "..."], "auto")
    assert (found.winner, found.agreement, found.margin, found.entropy) == (0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "text", ["<<<" * 50_000, "\n" * 200_000, "(" * 200_000, "\\boxed{" * 50_000, "#" * 200_000]
)
def test_no_answer_takes_long_to_read(text):
    """A slip into quadratic time would take minutes here."""
    for by in ("auto", "number", "choice", "last_line", "text"):
        key_of(text, by)
