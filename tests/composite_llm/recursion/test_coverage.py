"""Which part of a text was seen."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from composite_llm.recursion.coverage import MOST_SHOWN, Coverage, merged

LINES = [f"{number:05} a line of its own, {number * 7919 % 10007} and more" for number in range(2000)]
TEXT = "\n".join(LINES)


def see(seen, text):
    seen.see(seen.find(text))


def test_pieces_are_found_wherever_they_stand():
    seen = Coverage(TEXT)
    see(seen, f"Count these.\n{TEXT[1000:5000]}\nand |{TEXT[20_000:20_500]}|")
    see(seen, TEXT[4000:6000])

    assert seen.seen == [(1000, 6000), (20_000, 20_500)]
    assert seen.share == 5500 / len(TEXT)


def test_nothing_is_seen_of_what_is_not_there():
    seen = Coverage(TEXT)
    see(seen, "other words " * 1000)

    assert (seen.seen, seen.share, seen.hull("other")) == ([], 0.0, None)


def test_the_whole_is_the_whole():
    seen = Coverage(TEXT)
    for start in range(0, len(TEXT), 777):
        see(seen, TEXT[start : start + 777])

    assert seen.seen == [(0, len(TEXT))]
    assert seen.share == 1.0


def test_a_short_piece_is_found_by_itself():
    seen = Coverage(TEXT)
    see(seen, LINES[7])

    start = TEXT.index(LINES[7])
    assert seen.seen == [(start, start + len(LINES[7]))]


def test_a_part_of_the_text_stands_where_it_was_taken_from():
    assert Coverage(TEXT).hull(TEXT[3000:9000]) == (3000, 9000)
    assert Coverage(TEXT).hull("") is None
    assert Coverage("").share == 0.0


def test_a_report_closes_the_smallest_gaps_where_it_would_be_too_long():
    """Every third of 2,000 paragraphs: 667 pieces, of which the 500 that are furthest apart are told apart."""
    seen = Coverage("\n".join(line + line[::-1] for line in LINES))
    see(seen, "\n\n".join(line + line[::-1] for line in LINES[::3]))
    shown = seen.shown()

    assert len(seen.seen) > MOST_SHOWN
    assert len(shown) == MOST_SHOWN
    assert (shown[0][0], shown[-1][1]) == (seen.seen[0][0], seen.seen[-1][1])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=30))
def test_merged_intervals_hold_the_same_characters_once(given):
    intervals = [(start, start + length) for start, length in given]
    joined = merged(intervals)

    assert {place for start, end in joined for place in range(start, end)} == {
        place for start, end in intervals for place in range(start, end)
    }
    assert all(one[1] < other[0] for one, other in pairwise(joined))


@given(st.text("ab", min_size=40, max_size=400), st.integers(0, 300), st.integers(1, 200))
def test_what_is_found_really_stands_there(text, start, length):
    """Texts of two letters repeat themselves, so a piece may be found at another place, with the same words."""
    piece = text[start : start + length]
    for first, last in Coverage(text).find(f"?{piece}?"):
        assert text[first:last] in piece
