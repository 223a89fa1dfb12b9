"""Values held against schemas that strangers send."""

import http.server
import threading

import pytest

from composite_llm.json_schema import UnusableSchema, check_schema, misfit

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[A-Z]"}, "age": {"$ref": "#/$defs/age"}},
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"age": {"type": "integer", "minimum": 0}},
}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"name": "Ada", "age": 36}, None),
        ({"age": 36}, "$: 'name' is a required property"),
        ({"name": "Ada", "age": -1}, "$.age: -1 is less than the minimum of 0"),
        ({"name": "ada"}, "$.name: 'ada' does not match '^[A-Z]'"),
        ({"name": "Ada", "x": 1}, "$: Additional properties are not allowed ('x' was unexpected)"),
        ("Ada", "$: 'Ada' is not of type 'object'"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(value, said):
    assert misfit(value, PERSON) == said


def test_an_older_schema_with_definitions_and_an_id_is_applied():
    schema = {
        "$id": "http://example.com/person",
        "definitions": {"age": {"type": "integer"}},
        "properties": {"age": {"$ref": "#/definitions/age"}},
    }
    assert misfit({"age": "36"}, schema) == "$.age: '36' is not of type 'integer'"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "strin"}, "it is no JSON Schema: $.type"),
        ({"$ref": "#/$defs/missing"}, "cannot be applied"),
        ({"$ref": "#"}, "cannot be applied"),
        ({"$ref": "file:///etc/passwd"}, "cannot be applied"),
        ({"pattern": "("}, "it is no JSON Schema: $.pattern"),
        ({"pattern": "(a|aa)+$"}, "TimeoutError"),
        ({"patternProperties": {"(a|aa)+$": {}}}, "patternProperties is not supported"),
    ],
)
def test_a_schema_that_cannot_be_applied_says_so_and_ends(schema, said):
    with pytest.raises(UnusableSchema, match=said.replace("$", r"\$")):
        misfit("a" * 60 + "b", schema)


def test_nesting_without_an_end_is_no_crash():
    schema = {}
    inner = schema
    for _ in range(5000):
        inner["items"] = {}
        inner = inner["items"]
    with pytest.raises(UnusableSchema, match="nested too deeply"):
        check_schema(schema)


def test_nothing_is_fetched():
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(UnusableSchema):
                misfit(1, {"$ref": f"http://127.0.0.1:{server.server_port}/schema"})
        finally:
            server.shutdown()
            thread.join()
    assert asked == []
