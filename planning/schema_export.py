"""The JSON Schema of a plan, for editors, language models and other programs."""

import json
from pathlib import Path

from .schema import VideoPlan

SCHEMA_FILE = Path(__file__).with_name("video_plan.schema.json")


def schema_text() -> str:
    """Return the JSON Schema of `VideoPlan` as it stands in `SCHEMA_FILE`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **VideoPlan.model_json_schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Bring `SCHEMA_FILE` up to date; needed whenever `schema.py` changes.

    From the project's folder: `python -c "import planning.schema_export as e; e.write_schema()"`
    """
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
