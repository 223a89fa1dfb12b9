"""Bodies of unknown size."""

import gzip
import tracemalloc
import zlib

import pytest

from collector.errors import BodyTooLarge, NotOtlp
from collector.receivers.inflate import STEP, inflate, read_body


async def pieces(body: bytes, size: int):
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_gzip_comes_out_whole_however_it_is_cut(size):
    body = bytes(range(256)) * 10

    assert await read_body(pieces(gzip.compress(body), size), compressed=True) == body


async def test_several_gzip_members_are_one_body():
    assert (
        await read_body(pieces(gzip.compress(b"one ") + gzip.compress(b"two"), 5), compressed=True)
        == b"one two"
    )


@pytest.mark.parametrize("length", [99, 100])
async def test_a_body_up_to_the_limit_is_taken(length):
    body = b"x" * length
    assert await read_body(pieces(body, 10), compressed=False, limit=100) == body
    assert await read_body(pieces(gzip.compress(body), 10), compressed=True, limit=100) == body


@pytest.mark.parametrize("gzipped", [True, False])
async def test_a_body_past_the_limit_is_refused(gzipped):
    body = b"x" * 101
    with pytest.raises(BodyTooLarge, match="100 bytes"):
        await read_body(pieces(gzip.compress(body) if gzipped else body, 10), compressed=gzipped, limit=100)


def test_a_bomb_is_never_inflated():
    bomb = gzip.compress(bytes(200_000_000), 1)
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        inflate(bomb, limit=1_000_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10_000_000


@pytest.mark.parametrize(
    "body", [b"", b"plain", gzip.compress(b"cut short")[:-3]], ids=["empty", "plain", "cut short"]
)
def test_what_is_no_whole_gzip_is_refused(body):
    with pytest.raises(NotOtlp):
        inflate(body)


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
@pytest.mark.parametrize("size", [0, STEP - 1, STEP, STEP + 1, 5 * STEP + 7])
def test_bodies_of_more_than_a_step_come_out_whole(compress, size):
    body = (b"0123456789abcde" * (size // 15 + 1))[:size]

    assert inflate(compress(body), limit=size) == body
    if size:
        with pytest.raises(BodyTooLarge):
            inflate(compress(body), limit=size - 1)
