"""`graduated openapi` and `graduated docs`: write what is generated from the code, so that it is never out of date."""

from pathlib import Path
from typing import Annotated

import typer

from app.db.tables import metadata
from app.documents.reference.erasure_page import erasure_page
from app.documents.reference.profiles_page import profiles_page
from app.documents.reference.requests_page import requests_page
from app.documents.reference.rules_page import rules_page
from app.documents.reference.state_diagram import draw_moves

ROOT = Path(__file__).parent.parent.parent
BEGINS = "<!-- drawn from app/domain/moves.py by `make docs` -->"
ENDS = "<!-- end of the drawing -->"


def openapi(path: Annotated[Path, typer.Argument(help="Where to write it.")] = ROOT / "openapi" / "openapi.json") -> None:
    """Write the OpenAPI document of the API."""
    # Every other command starts two seconds sooner without the API put together.
    from app.api.manners import openapi as description  # noqa: PLC0415
    from app.main import create_app  # noqa: PLC0415

    description.write(create_app(), path)


def docs(
    readme: Annotated[Path, typer.Argument(help="The page that holds the drawing.")] = ROOT / "README.md",
    erasure: Annotated[Path, typer.Option(metavar="FILE", help="The page on what an erasure does.")] = ROOT / "docs" / "erasure.md",
    rules: Annotated[Path, typer.Option(metavar="FILE", help="The page of all rules.")] = ROOT / "docs" / "RULES.md",
    requests: Annotated[Path, typer.Option(metavar="FILE", help="The page of a request's stages.")] = ROOT / "docs" / "ehc-requests.md",
    profiles: Annotated[Path, typer.Option(metavar="FILE", help="The page of authority profiles.")] = ROOT / "docs" / "profiles.md",
) -> None:
    """Draw the SEN status moves into the README, and write what an erasure does to each column, a request's stages, profiles and rules."""
    readme.write_text(with_drawing(readme.read_text(encoding="utf-8")), encoding="utf-8")
    erasure.write_text(erasure_page(metadata.sorted_tables), encoding="utf-8")
    rules.write_text(rules_page(), encoding="utf-8")
    requests.write_text(requests_page(), encoding="utf-8")
    profiles.write_text(profiles_page(), encoding="utf-8")


def with_drawing(page: str) -> str:
    """Give the page with the drawing renewed between its two marks; raises ValueError where a mark is missing."""
    before, found, rest = page.partition(BEGINS)
    _, ended, after = rest.partition(ENDS)
    if not found or not ended:
        raise ValueError("the page lacks the marks between which the drawing goes")
    return f"{before}{BEGINS}\n```mermaid\n{draw_moves().strip()}\n```\n{ENDS}{after}"
