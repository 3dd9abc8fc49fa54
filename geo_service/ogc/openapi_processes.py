"""The execution paths of the API definition: one a process, with the schema of its body."""

from typing import Any

from geo_service.ogc.executions import LARGEST_BODY

Document = dict[str, Any]

_PROBLEM = {"$ref": "#/components/responses/Problem"}


def execution_paths(descriptions: tuple[Document, ...]) -> Document:
    """Path to path item, for each process that the release allows."""
    return {f"/processes/{one['id']}/execution": {"post": _operation(one)} for one in descriptions}


def _operation(description: Document) -> Document:
    result = description["outputs"]["result"]["schema"]
    named = {"type": "object", "required": ["result"], "properties": {"result": result}}
    return {
        "summary": description["title"],
        "description": description["description"],
        "operationId": f"execute_{description['id'].replace('-', '_')}",
        "tags": ["processes"],
        "requestBody": {
            "required": True,
            "description": f"At most {LARGEST_BODY} bytes.",
            "content": {"application/json": {"schema": _body(description)}},
        },
        "responses": {
            "200": {
                "description": "The answer; by the name of the output with response=document.",
                "content": {"application/json": {"schema": {"anyOf": [result, named]}}},
            },
            "default": _PROBLEM,
        },
    }


def _body(description: Document) -> Document:
    inputs = description["inputs"]
    needed = [name for name, one in inputs.items() if one.get("minOccurs", 1)]
    return {
        "type": "object",
        "required": ["inputs"],
        "additionalProperties": False,
        "properties": {
            "inputs": {
                "type": "object",
                "required": needed,
                "additionalProperties": False,
                "properties": {
                    name: one["schema"] | {"description": one["title"]}
                    for name, one in inputs.items()
                },
            },
            "outputs": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"result": {"type": "object", "additionalProperties": False}},
            },
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
    }
