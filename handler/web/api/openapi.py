"""The description of the API in OpenAPI 3.1, made of the shapes that its answers are made with.

Source: https://spec.openapis.org/oas/v3.1.1.html.
"""

from __future__ import annotations

import inspect
from typing import Any, Final

import msgspec

from handler.web.api import answer_shape, change_shape
from handler.web.api.openapi_parts import FOR_WRITING, HEADERS, PARAMETERS, RESPONSES, SECURITY, Json
from handler.web.api.openapi_paths import paths

VERSION: Final = "0.1.0"
"""The project's; in a zip its metadata cannot be asked."""

_DESCRIPTION: Final = """
How capacity changes of Kafka on Huawei Cloud are getting on, for people as pages and for programs as JSON.

Another method than a path's is answered with 405, and Allow tells which there are; another path with 404.
"""

_SHAPES: Final = (
    change_shape.ChangeList,
    change_shape.ChangeDetail,
    answer_shape.Report,
    answer_shape.CheckRequest,
    answer_shape.WatchList,
    answer_shape.ChangeToFollow,
    answer_shape.InstanceToFollow,
    answer_shape.Nothing,
    answer_shape.TrialList,
    answer_shape.TrialRequest,
    answer_shape.Failure,
    answer_shape.Health,
)


def document() -> Json:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headway", "version": VERSION, "description": _DESCRIPTION.strip()},
        # From where this document is, whatever stands before the paths.
        "servers": [{"url": ".."}],
        "security": FOR_WRITING,
        "paths": paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": RESPONSES,
            "securitySchemes": SECURITY,
        },
    }


def _schemas() -> Json:
    _, schemas = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    return {name: _tidy(schema) for name, schema in schemas.items()}


def _tidy(schema: dict[str, Any]) -> Json:
    """Take the margin of the source out of a description."""
    return {**schema, "description": inspect.cleandoc(schema["description"])}
