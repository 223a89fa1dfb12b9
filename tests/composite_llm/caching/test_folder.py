"""What is kept on disk, in a real SQLite file."""

import stat
import subprocess
import sys

from composite_llm.caching.folder import FILE, Folder


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_what_one_process_keeps_another_finds(tmp_path):
    Folder(tmp_path / "answers").put("key", "Größe 雪", ttl_s=60)

    program = (
        "import sys; from pathlib import Path; from composite_llm.caching.folder import Folder;"
        "sys.stdout.buffer.write(Folder(Path(sys.argv[1])).get('key').encode())"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "answers"], capture_output=True, check=True
    ).stdout

    assert found.decode() == "Größe 雪"


def test_an_entry_ends_with_its_time_and_leaves_the_file(tmp_path):
    clock = Clock()
    folder = Folder(tmp_path, clock=clock)
    folder.put("short", "a" * 500, ttl_s=10)
    folder.put("long", "b", ttl_s=100)
    clock.now += 10

    assert (folder.get("short"), folder.get("long")) == (None, "b")
    folder.put("other", "c", ttl_s=10)
    assert b"a" * 500 not in (tmp_path / FILE).read_bytes()


def test_the_least_recently_used_goes_when_it_is_full(tmp_path):
    clock = Clock()
    folder = Folder(tmp_path, most_characters=300, clock=clock)
    for key in "abc":
        clock.now += 1
        folder.put(key, key * 100, ttl_s=60)
    clock.now += 1
    folder.get("a")
    clock.now += 1

    folder.put("d", "d" * 100, ttl_s=60)

    assert [folder.get(key) is not None for key in "abcd"] == [True, False, True, True]


def test_only_its_owner_may_read_it(tmp_path):
    Folder(tmp_path / "answers").put("key", "text", ttl_s=60)

    assert stat.S_IMODE((tmp_path / "answers").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "answers" / FILE).stat().st_mode) == 0o600


def test_a_file_that_is_none_of_ours_is_as_good_as_an_empty_one(tmp_path, caplog):
    (tmp_path / FILE).write_text("this is no database, whatever its name says" * 100)
    folder = Folder(tmp_path)

    folder.put("key", "text", ttl_s=60)

    assert folder.get("key") is None
    assert len(caplog.messages) == 1
    assert f"no answers are kept in {tmp_path}" in caplog.messages[0]
    assert (tmp_path / FILE).read_text().startswith("this is no database")


def test_looking_makes_no_folder(tmp_path):
    assert Folder(tmp_path / "answers").get("key") is None
    assert not (tmp_path / "answers").exists()
