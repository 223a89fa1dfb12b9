"""What is kept in the process."""

from concurrent.futures import ThreadPoolExecutor

from composite_llm.caching.memory import Memory


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_each_entry_has_its_own_time():
    clock = Clock()
    memory = Memory(clock=clock)
    memory.put("short", "a", ttl_s=10)
    memory.put("long", "b", ttl_s=100)

    clock.now = 10

    assert (memory.get("short"), memory.get("long")) == (None, "b")


def test_reading_renews_an_entry_only_where_asked():
    clock = Clock()
    memory = Memory(clock=clock)
    memory.put("read", "a", ttl_s=10)
    memory.put("renewed", "b", ttl_s=10)
    clock.now = 9
    memory.get("read")
    memory.renewed("renewed")

    clock.now = 15

    assert (memory.get("read"), memory.get("renewed")) == (None, "b")


def test_the_least_recently_used_goes_when_it_is_full():
    """Each entry counts its text and 256 characters: three of 100 fit into 1100, a fourth does not."""
    memory = Memory(1100)
    for key in "abc":
        memory.put(key, key * 100, ttl_s=10)
    memory.get("a")

    memory.put("d", "d" * 100, ttl_s=10)

    assert [memory.get(key) is not None for key in "abcd"] == [True, False, True, True]


def test_what_is_larger_than_all_may_be_is_not_kept_and_drives_nothing_out():
    memory = Memory(1000)
    memory.put("a", "a", ttl_s=10)

    memory.put("b", "b" * 1000, ttl_s=10)

    assert (memory.get("a"), memory.get("b")) == ("a", None)


def test_threads_may_use_it_at_once():
    memory = Memory(20_000)

    def work(worker):
        for turn in range(300):
            key = str((worker * turn) % 50)
            memory.put(key, f"text of {key}", ttl_s=10)
            assert memory.get(key) in (None, f"text of {key}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
