"""Looking into a text: pieces, lines, matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composite_llm.recursion.looking import BadSearch, chunks, grep, read_lines

TEXT = "one red\ntwo blue\n\nfour red\nfive"


@given(st.text(max_size=200), st.integers(1, 50), st.integers(0, 49))
def test_chunks_are_all_of_the_text_with_its_overlap(text, size, overlap):
    if overlap >= size:
        with pytest.raises(ValueError, match="overlap"):
            chunks(text, size, overlap)
        return
    pieces = chunks(text, size, overlap)

    assert pieces[0] + "".join(piece[overlap:] for piece in pieces[1:]) == text
    assert all(len(piece) <= size for piece in pieces)
    assert all(len(piece) == size for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (1, 1, "one red"),
        (2, 4, "two blue\n\nfour red"),
        (5, 9, "five"),
        (9, 12, ""),
        (0, 1, "one red"),
        (4, 2, ""),
        (3, 3, ""),
    ],
)
def test_lines_are_read_by_number(first, last, text):
    assert read_lines(TEXT, first, last) == text


def test_matching_lines_come_with_their_numbers():
    found = grep(TEXT, "RED|e$", 10, ignore_case=True)

    assert found.lines == ["1: one red", "2: two blue", "4: four red", "5: five"]
    assert found.matches == 4
    assert grep(TEXT, "red", 1, ignore_case=False).lines == ["1: one red"]
    assert grep(TEXT, "red", 1, ignore_case=False).matches == 2


def test_a_line_without_an_end_is_cut_around_its_match():
    found = grep("x" * 5000 + "needle" + "y" * 5000, "needle", 5, ignore_case=False)

    assert found.matches == 1
    assert "needle" in found.lines[0]
    assert len(found.lines[0]) < 520


@pytest.mark.parametrize("pattern", ["(", "*", "[a-", "(?P<n"])
def test_a_pattern_that_is_none_is_told_so(pattern):
    with pytest.raises(BadSearch, match="is no pattern"):
        grep(TEXT, pattern, 5, ignore_case=False)


def test_a_pattern_that_never_ends_is_broken_off(monkeypatch):
    monkeypatch.setattr("composite_llm.recursion.looking.SECONDS_A_SEARCH", 0.05)
    with pytest.raises(BadSearch, match="repetitions"):
        grep("a" * 100_000 + "!", "(a|a)+$", 5, ignore_case=False)


def test_a_pattern_that_matches_nothing_of_a_line_is_of_that_line():
    assert grep("\n\n", "^", 5, ignore_case=False).matches == 3
