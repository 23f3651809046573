"""The published description of the API: current, valid, with examples that fit, and nothing in it that is no route."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.manners.examples import listed
from app.api.manners.openapi import operations, text_of
from app.main import create_app

PUBLISHED = Path(__file__).parent.parent / "openapi" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    return create_app().openapi()


def test_the_committed_document_is_the_one_the_app_writes(document: dict[str, object]) -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == text_of(document), "run `make openapi` and commit what it writes"


def test_an_example_of_each_answer_without_a_token_says_what_happened(document: dict[str, object]) -> None:
    answers = dict(operations(document))["post /oauth2/token"]["responses"]
    told = {status: answers[status]["content"]["application/json"]["example"]["error"] for status in ("400", "401", "429", "503")}
    assert told == {"400": "invalid_scope", "401": "invalid_client", "429": "temporarily_unavailable", "503": "temporarily_unavailable"}


def test_the_example_of_a_step_shows_an_entry_and_a_finding(document: dict[str, object]) -> None:
    steps = [operation for where, operation in operations(document) if where.endswith("/concerns")]
    example = steps[0]["responses"]["201"]["content"]["application/json"]["example"]
    assert (example["entries"][0]["type"], example["findings"][0]["rule"]) == ("concern.raised", "tell-all-staff")
    assert example["references"] == {}


def test_the_document_is_valid_openapi_3_1(document: dict[str, object]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_example_fits_its_schema(document: dict[str, object]) -> None:
    wrong = []
    count = 0
    for example in listed(json.loads(json.dumps(document))):
        count += 1
        validator = Draft202012Validator(example.schema, format_checker=FormatChecker())
        wrong += [f"{example.where}: {error.message}" for error in validator.iter_errors(example.value)]
    assert wrong == []
    assert count > 500


def test_every_operation_has_an_id_a_summary_and_documented_errors(document: dict[str, object]) -> None:
    ids = []
    for where, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation.get("summary") or operation.get("description"), where
        assert {"500", "503"} <= set(operation["responses"]), where
    assert len(ids) == len(set(ids)) > 40


def test_the_shapes_say_what_a_proof_is_and_by_which_date_a_grant_ends(document: dict[str, object]) -> None:
    shapes = document["components"]["schemas"]
    assert "not a sandbox school's clock" in shapes["GrantIn"]["properties"]["until"]["description"]
    assert "author-proof+jwt" in shapes["AuthorIn"]["properties"]["proof"]["description"]
    assert "24 hours" in shapes["SecondPersonIn"]["description"]
