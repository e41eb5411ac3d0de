"""The description of the API as one page without a script."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["api_page"]


def api_page(description: Mapping[str, Any]) -> str:
    """HTML of an OpenAPI description.

    Parameters
    ----------
    description
        As ``/api/openapi.json`` gives it.
    """
    info = description["info"]
    title = f"API of {info['title']} {info['version']}"
    body = "\n".join(_operations(description))
    schemas = "\n".join(_schemas(description))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/desk.css">
</head>
<body class="site api">
<main>
<h1>{escape(title)}</h1>
<p>{escape(info.get("description", ""))}</p>
<p>For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
{body}
<h2>Values</h2>
{schemas}
</main>
</body>
</html>
"""


def _operations(description: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield from _list("Parameters", _parameters(operation))
            yield from _list("Body", _contents(operation.get("requestBody", {})))
            yield from _list("Answers", _answers(operation))


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        place = one["in"] if one.get("required") else f"{one['in']}, may be left out"
        words = escape(one.get("description", ""))
        yield f"<code>{escape(one['name'])}</code> ({place}) {words}"


def _answers(operation: Mapping[str, Any]) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        kinds = ", ".join(_contents(answer))
        words = escape(answer.get("description", ""))
        yield f"{status}: {words} {kinds}"


def _contents(holder: Mapping[str, Any]) -> Iterator[str]:
    for kind, content in holder.get("content", {}).items():
        yield f"{escape(kind)} {_type(content.get('schema', {}))}"


def _schemas(description: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in description.get("components", {}).get("schemas", {}).items():
        yield f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3>'
        yield f"<p>{escape(schema.get('description', ''))}</p>"
        yield from _list("Keys", _keys(schema))


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    for key, value in schema.get("properties", {}).items():
        yield f"<code>{escape(key)}</code>: {_type(value)}"


def _type(schema: Mapping[str, Any]) -> str:
    """What a value may be, in a few words."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).rpartition("/")[2])
        return f'<a href="#{name}"><code>{name}</code></a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if choices:
        return " or ".join(f"<code>{escape(str(one))}</code>" for one in choices)
    return escape(str(schema.get("type", "any value")))


def _list(title: str, lines: Iterator[str]) -> Iterator[str]:
    items = "".join(f"<li>{line}</li>" for line in lines)
    if items:
        yield f"<h4>{title}</h4><ul>{items}</ul>"
