"""Answers that must be JSON of a given schema."""

import json

import jsonschema
import pytest

from composite_llm.simulator.chance import seeded
from composite_llm.simulator.errors import RequestRefused
from composite_llm.simulator.schema import SchemaDraw

LABELS = ["Response A", "Response B", "Response C", "Response D", "Response E"]
RANKING = {"type": "array", "items": {"enum": LABELS}, "minItems": 5, "maxItems": 5, "uniqueItems": True}
TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 12},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["name", "children", "next"],
        }
    },
    "$ref": "#/$defs/node",
}
SCHEMAS = [
    {"type": "string", "minLength": 30, "maxLength": 40},
    {"const": {"a": 1}},
    {"enum": [1, "two", None]},
    {"type": "integer", "minimum": 3, "maximum": 4},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": 100},
    {"type": "integer", "maximum": -100},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "multipleOf": 0.25, "maximum": 9},
    {"type": ["integer", "null"]},
    {"type": "boolean"},
    {"type": "null"},
    {"type": "array", "items": {"type": "string"}, "minItems": 4, "uniqueItems": True},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    {"type": "object", "properties": {"a": {"type": "string"}, "b": RANKING}, "required": ["a", "b"]},
    {"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"y": {"type": "integer"}}, "required": ["y"]}]}
    | {"type": "object", "$defs": {"a": {"properties": {"x": {"type": "integer"}}, "required": ["x"]}}},
    {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"x": {"type": "string"}}}]},
    TREE,
]


def drawn(schema, seed: int = 0):
    return SchemaDraw(schema, seeded(seed), lambda name: f"about {name}").draw()


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_what_is_drawn_conforms(schema):
    for seed in range(20):
        jsonschema.validate(drawn(schema, seed), schema)


def test_a_ranking_holds_every_label_once_in_an_order_by_chance():
    rankings = [drawn(RANKING, seed) for seed in range(20)]

    assert all(sorted(ranking) == LABELS for ranking in rankings)
    assert len({tuple(ranking) for ranking in rankings}) > 10


def test_a_ranking_without_a_length_is_full_too():
    assert sorted(drawn({"type": "array", "items": {"enum": LABELS}})) == LABELS


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/absent"},
        {"$ref": "https://example.com/elsewhere.json"},
        {"enum": []},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": "long"},
        {"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]},
    ],
    ids=str,
)
def test_a_schema_nothing_can_meet_is_refused(schema):
    with pytest.raises(RequestRefused):
        drawn(schema)


def test_a_request_for_a_schema_is_answered_in_json(ask, text):
    schema = {
        "type": "object",
        "properties": {"ranking": RANKING, "reason": {"type": "string"}},
        "required": ["ranking", "reason"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "review", "schema": schema, "strict": True}}

    answer = json.loads(text(response_format=wanted))

    jsonschema.validate(answer, schema)
    assert text(response_format=wanted) == text(response_format=wanted)
    assert answer["ranking"] != json.loads(text(response_format=wanted, model="o3"))["ranking"]


def test_a_request_for_any_json_gets_an_object(text):
    assert list(json.loads(text(response_format={"type": "json_object"}))) == ["answer"]
