"""What the page of the kinds of entry shows: what each says, where it is added, and the facts it has in an evaluation or a record."""

from typing import Final, cast

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from app.api.manners.examples import Json
from app.api.shown.entries_told import KINDS_IN
from app.api.shown.entry_facts import shape_of
from app.api.shown.kinds_added import routes_by_kind

LISTS: Final = {"school": "Entries of the school", "record": "Entries of a pupil's record"}
MODE: Final[JsonSchemaMode] = "validation"
REFERENCE: Final = "#/components/schemas/{model}"


def view(document: Json) -> Json:
    """Give each list of an evaluation with its kinds, and the shapes of the parts that their facts have, from an OpenAPI document."""
    shapes = {kind.type: shape_of(kind) for kinds in KINDS_IN.values() for kind in kinds.values()}
    by_model, written = models_json_schema([(shape, MODE) for shape in shapes.values()], ref_template=REFERENCE)
    schemas = cast(dict[str, Json], written["$defs"])
    names = {kind: str(by_model[shape, MODE]["$ref"]).rsplit("/", 1)[-1] for kind, shape in shapes.items()}
    routes = routes_by_kind(document)
    groups = [
        {
            "id": name,
            "title": LISTS[name],
            "kinds": [
                {
                    "type": kind.type,
                    "meaning": (kind.__doc__ or "").strip().splitlines()[0],
                    "routes": routes.get(kind.type, []),
                    "schema": schemas[names[kind.type]],
                }
                for kind in kinds.values()
            ],
        }
        for name, kinds in KINDS_IN.items()
    ]
    return {"groups": groups, "parts": {name: schema for name, schema in schemas.items() if name not in names.values()}}
