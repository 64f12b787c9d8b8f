"""When a schema keeps the rules of strict structured outputs."""

import pytest
from video_director.planning.language_models.answer_forms import may_be_strict, response_format

TEXT = {"type": "string"}


def closed(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (closed(a=TEXT, b={"type": "array", "items": closed(c=TEXT)}), True),
        (closed(a={"anyOf": [TEXT, {"type": "null"}]}), True),
        (closed(default=TEXT, required=TEXT), True),  # names of properties are no keywords
        ({**closed(a={"$ref": "#/$defs/B"}), "$defs": {"B": closed(b=TEXT)}}, True),
        ({**closed(a=TEXT), "required": []}, False),
        ({**closed(a=TEXT), "additionalProperties": True}, False),
        (closed(boxes={"type": "object", "additionalProperties": {"type": "array"}}), False),
        (closed(a={"type": "array", "items": {"type": "object"}}), False),
        (closed(a={**TEXT, "default": "x"}), False),
        ({**closed(a=TEXT), "$defs": {"B": {"type": "object"}}}, False),
        (closed(a={"anyOf": [TEXT, {"type": "object"}]}), False),
        ({"type": "array", "items": TEXT}, False),
    ],
)
def test_strictness(schema, strict):
    assert may_be_strict(schema) is strict
    wanted = response_format("json_schema", schema)
    assert wanted["json_schema"] == {"name": "answer", "schema": schema, "strict": strict}


def test_no_schema_is_no_form():
    assert response_format("json_schema", None) is None
    assert response_format("text", closed(a=TEXT)) is None
    assert response_format("json_object", closed(a=TEXT)) == {"type": "json_object"}
