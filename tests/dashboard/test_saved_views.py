"""Filters under a name: kept in one file, whole or not at all."""

import json
import threading

import pytest

from dashboard import saved_views
from dashboard.saved_views import NotSaved


def test_views_are_kept_in_their_order_exchanged_and_deleted(tmp_path):
    folder = tmp_path / "not there yet"
    saved_views.save(folder, " dear ", {"min_cost": 0.5})
    saved_views.save(folder, "größe", {"strategy": ["moa"]})
    saved_views.save(folder, "dear", {"min_cost": 0.7})
    assert saved_views.load(folder) == {"dear": {"min_cost": 0.7}, "größe": {"strategy": ["moa"]}}

    saved_views.delete(folder, "dear")
    saved_views.delete(folder, "never was")
    assert list(saved_views.load(folder)) == ["größe"]
    assert [file.name for file in folder.iterdir()] == ["views.json"]


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "\x00", "[" * 100_000])
def test_a_file_of_something_else_is_said_and_left_as_it_is(tmp_path, content):
    file = tmp_path / "views.json"
    file.write_text(content)
    for attempt in (
        lambda: saved_views.load(tmp_path),
        lambda: saved_views.save(tmp_path, "new", {}),
        lambda: saved_views.delete(tmp_path, "new"),
    ):
        with pytest.raises(NotSaved, match="views.json"):
            attempt()
    assert file.read_text() == content


@pytest.mark.parametrize(("name", "why"), [("  ", "needs a name"), ("x" * 81, "at most 80")])
def test_a_name_is_a_short_word_or_two(tmp_path, name, why):
    with pytest.raises(NotSaved, match=why):
        saved_views.save(tmp_path, name, {})


def test_there_are_only_so_many(tmp_path):
    (tmp_path / "views.json").write_text(json.dumps({str(number): {} for number in range(100)}))
    saved_views.save(tmp_path, "7", {"text": "x"})
    with pytest.raises(NotSaved, match="delete one first"):
        saved_views.save(tmp_path, "one more", {})


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "a file").write_text("")
    with pytest.raises(NotSaved):
        saved_views.save(tmp_path / "a file" / "below", "new", {})


def test_readers_who_save_at_once_lose_nothing(tmp_path):
    threads = [
        threading.Thread(target=saved_views.save, args=(tmp_path, f"view {number}", {}))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(saved_views.load(tmp_path)) == 20
