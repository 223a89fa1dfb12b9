"""What is replaced, what stays, and that hostile texts do not stop the program."""

import json
import subprocess
import sys

import pytest

from composite_llm.redaction import BadPatterns, Redactor, redactor

HOSTILE = """
from composite_llm.redaction import Redactor
for piece in (
    "a", "a.", "a@", "@a.", "a'", "1", "4111 ", "4111-", "1 ", "eyJ", "-eyJabcdefgh", "SG.a", "sk-", "bearer ", " ",
    "://a:", "://a:b", "password:", "password=", "%40", '"', '\\\\', '\\\\"', "[", '["', "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN A", "-----END ", " A=", "authorization:basic ",
):
    Redactor().text(piece * (1_000_000 // len(piece)) + "!")
    text = piece * (30_000 // len(piece))
    for hostile in ('["' + text, "password=" + text, "-----BEGIN " + text + "PRIVATE KEY"):
        Redactor().text(hostile)
"""


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("mail ada.o'neil+x@example.co.uk, now", "mail [email], now"),
        ("?to=ada%40example.org&x=1", "?to=[email]&x=1"),
        ("4111111111111111", "[card]"),
        ("4111 1111 1111 1111 123, 5555-5555-5555-4444", "[card] 123, [card]"),
        ("Amex 3782 822463 10005 of 12/26", "Amex [card] of 12/26"),
        ("2024 4111.1111.1111.1111 12", "2024 [card] 12"),
        ("key sk-proj-abcdefgh12345678.", "key [key]."),
        ("AKIAIOSFODNN7EXAMPLE ghp_abcdefghijklmnopqrst1234", "[key] [key]"),
        ("xoxb-1234567890-abcdef hf_abcdefghijklmnopqrstuv", "[key] [key]"),
        ("AIzaSyA1234567890abcdefghijk", "[key]"),
        ("Authorization: Bearer 0123456789abcdef", "Authorization: Bearer [key]"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic [key]"),
        ("postgres://ada:hunter2@db/x", "postgres://[key]@db/x"),
        ("a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_def b", "a [key] b"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "[key] b"),
        ("cut: -----BEGIN PRIVATE KEY-----\nMIIEabc", "cut: [key]"),
        ("AZURE_API_KEY=0123456789abcdef", "AZURE_API_KEY=[key]"),
    ],
)
def test_what_was_there_is_named(text, redacted):
    assert Redactor().text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails the check digit
        "1732190000123 1732190000123456 1732190000123456789",  # times in ms, µs and ns
        "2024-11-21 12:03:28 to 20241121120328123",
        "4111111111111111abcdef0123456789",  # a trace id
        "0.4111111111111111",
        "9f8b4111-1111-1111-1111-abcdef012345",
        "task-management-tools, bearer of bad news, sk-learn",
        "api_key = settings.api_key",
        "@decorator and x@y",
        '{"id": 4111111111111112, "n": 1.50,  "s": "\\u00e9"}',
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert Redactor().text(text) == text


def test_json_stays_json_at_every_depth():
    arguments = json.dumps({"to": "ada@example.org", "card": 4111111111111111, "password": "hunter"})
    text = json.dumps([{"content": "line\nsk-abcdefgh1234", "arguments": arguments}], indent=1)

    [message] = json.loads(Redactor().text(text))

    assert message["content"] == "line\n[key]"
    assert json.loads(message["arguments"]) == {"to": "[email]", "card": "[card]", "password": "[key]"}


def test_only_the_strings_of_json_change():
    before = '{ "z" : 1.500 ,"a@b.org":[true, "\\u0061@b.org", "\\ud83d"],"z":2e5}'

    assert Redactor().text(before) == '{ "z" : 1.500 ,"[email]":[true, "[email]", "\\ud83d"],"z":2e5}'


def test_json_that_was_cut_is_read_as_text():
    assert (
        Redactor().text('{"a": "x\\nsk-abcdefgh1234", "b": "sk-abcdefgh99')
        == '{"a": "x\\n[key]", "b": "[key]'
    )


def test_structures_are_rewritten_at_any_depth():
    class Other:
        def __str__(self):
            return "ada@example.org"

    value = {"a@b.org": [{"n": 4111111111111111, "ok": True, "x": 1.5, "none": None}], "other": Other()}

    assert Redactor().value(value) == {
        "[email]": [{"n": "[card]", "ok": True, "x": 1.5, "none": None}],
        "other": "[email]",
    }


def test_a_hostile_megabyte_is_read_in_one_pass():
    # A pattern that reads a text once for each of its characters would need hours for this.
    subprocess.run([sys.executable, "-c", HOSTILE], check=True, timeout=100)


def test_own_patterns_are_lines_of_a_file(tmp_path):
    file = tmp_path / "redact.txt"
    file.write_text("# staff numbers\n\nEMP-\\d+\n  \\#\\w+  \n")

    assert redactor(file).text("EMP-12 of #team, ada@example.org") == "[redacted] of [redacted], [email]"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("# fine\nEMP-(\\d+\n", "line 2: 'EMP-(\\\\d+' is not a regular expression: missing )"),
        ("x*\n", "line 1: 'x*' matches the empty text"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_named(tmp_path, lines, complaint):
    file = tmp_path / "redact.txt"
    file.write_text(lines)

    with pytest.raises(BadPatterns) as error:
        redactor(file)

    assert str(error.value).startswith(f"In {file}, {complaint}")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadPatterns, match=r"from .*gone\.txt: No such file"):
        redactor(tmp_path / "gone.txt")


def test_a_pattern_that_takes_for_ever_leaves_the_text_out(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("composite_llm.redaction.own_patterns.SECONDS_A_TEXT", 0.05)
    file = tmp_path / "redact.txt"
    file.write_text("(?:a|a|b)+(?:a|a)+c$\n")

    assert redactor(file).text("secret " + "a" * 60) == "[redacted]"
    assert f"{file}, line 1 takes too long" in caplog.text
    assert "secret" not in caplog.text
