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
    "-----BEGIN A", "-----END ", " A=", "authorization:basic ", '"token":["', "api_key=a.", "secret=_", "token", "://@:@",
    "password:\\\\'", "secret: ", 'password="',
):
    Redactor().text(piece * (250_000 // len(piece)) + "!")
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
        ("Authorization: Bearer abcdefghij", "Authorization: Bearer [key]"),
        ("x-api-key: abcdefabcdefabcdef\nhost: x", "x-api-key: [key]\nhost: x"),
        ("/v1?api_key=abcdefabcdef&x=1&token=abcdefgh", "/v1?api_key=[key]&x=1&token=[key]"),
        ("password: correcthorse, secret: batterystaple", "password: [key], secret: [key]"),
        ("password = correcthorse", "password = [key]"),
        ('login(password="two (good) words", x=1)', 'login(password="[key]", x=1)'),
        ('{"api_key": ["s3cret", "b"], "cut', '{"api_key": ["[key]", "b"], "cut'),
        ('"{\\"refresh_token\\": \\"abc\\", \\"cut', '"{\\"refresh_token\\": \\"[key]\\", \\"cut'),
        ("postgres://u:pa@ss@h/db?to=x", "postgres://[key]@h/db?to=x"),
        ('"amqp://ada@corp:p:w@h" or x@y', '"amqp://[key]@h" or x@y'),
        ("[4111111111111111.0, 4111111111111112.0]", '["[card]", 4111111111111112.0]'),
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
        "f(api_key=key_of(x), password=user.password, token: str, max_token=4096, secret=os.environ['X'])",
        "the password: is asked later; token: a unit of text; authorization: as set; password: string",
        "http://127.0.0.1:4318/v1/traces to x@y",
        '{"max_tokens": 4096, "input_tokens": 7, "token_count": 9, "input_cost_per_token": 3e-05}',
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


SECRET_NAMES = (
    *("token", "x.token", "access_token", "refresh_token", "id_token", "accessToken", "HF_TOKEN"),
    *("client_secret", "secret", "private_key", "api_key.0", "openaiApiKey", "passwords", "credentials"),
)
OTHER_NAMES = (
    *("max_tokens", "input_tokens", "token_count", "gen_ai.token.type", "cost_per_token", "eos_token"),
    *("public_key", "key", "secretary", "time_to_first_token", "tokens"),
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_all_under_a_secret_name_goes(name):
    value = {name: ["s3cret", {"a": "b", "n": [7, 1.5]}, True, None, ""], "next": "kept 7"}
    redacted = {name: ["[key]", {"a": "[key]", "n": ["[key]", "[key]"]}, True, None, ""], "next": "kept 7"}

    assert Redactor().value(value) == redacted
    assert json.loads(Redactor().text(json.dumps(value))) == redacted


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_what_only_sounds_like_a_secret_stays(name):
    value = {name: ["a", 7, 1.5]}

    assert Redactor().value(value) == value
    assert Redactor().text(json.dumps(value)) == json.dumps(value)


def test_a_card_number_is_one_of_any_kind_of_number():
    odd = [1.5e300, 4111111111111111.5, -4111111111111111.0]

    assert Redactor().value([4111111111111111.0, *odd]) == ["[card]", *odd]
    assert Redactor().value(float("inf")) == float("inf")


def test_a_secret_nested_too_deeply_goes_whole():
    deep = "[" * 900 + '"s3cret"' + "]" * 900

    assert "s3cret" not in Redactor().text(f'{{"api_key": {deep}}}')


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


def test_hostile_texts_are_read_in_one_pass():
    # A pattern that reads a text once for each of its characters would need minutes for each of these.
    subprocess.run([sys.executable, "-c", HOSTILE], check=True, timeout=300)


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
