"""The OpenAPI document is whole and its pages can be read by everybody, with no script and nothing from elsewhere."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Annotated

import httpx
import jsonschema
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Path
from lxml import etree, html
from openapi_spec_validator import validate
from pydantic import Field

from app.api.guide import docs
from app.api.manners import openapi, problems
from app.api.manners.body import StrictRoute
from app.api.manners.edge import Edge
from app.api.manners.examples import ExampleMissingError, listed
from app.api.manners.pages import Page, PageDep
from app.api.manners.problem_types import PROBLEM_TYPES
from app.api.shown.shapes import CivilDate, In, Instant, Out, Words
from app.clock import monotonic, new_id

SCOPES = {"records:read": "Read records.", "records:write": "Take steps on records."}


Urn = Annotated[str, Path(examples=["999001"])]


class Needs:
    def __init__(self, scope: str) -> None:
        self.required_scope = scope

    async def __call__(self) -> None:
        return None


class ReviewIn(In):
    """What a review found."""

    held_on: CivilDate
    words: Words
    ratings: list[int] = Field(max_length=3, examples=[[3, 4]])
    sex: str | None = Field(default=None, pattern="^[MFU]$", examples=["F"])
    rank: int = Field(ge=1, le=9, examples=[1])


class ReviewOut(Out):
    number: int = Field(description="The number of <the> entry.", examples=[7])
    recorded_at: Instant


class NoticeOut(Out):
    notice: str = Field(examples=["01932b4e-5f00-7000-8000-000000000002"])


def an_app() -> FastAPI:
    app = FastAPI(
        title="Graduated", version="0.1.0", description="One paragraph.\n\nAnother.", docs_url=None, redoc_url=None,
        openapi_url="/openapi.json", generate_unique_id_function=openapi.operation_id,
        openapi_tags=[{"name": "Reviews", "description": "What support achieved."}],
    )  # fmt: skip
    router = APIRouter(prefix="/v1/schools/{urn}", route_class=StrictRoute, tags=["Reviews"])

    @router.post("/reviews", status_code=201, openapi_extra=openapi.may_answer("step-refused"))
    async def hold_review(
        urn: Urn,
        body: ReviewIn,
        idempotency_key: Annotated[str, Header(examples=["a1b2c3"])],
        if_match: Annotated[str | None, Header(examples=['W/"7"'])] = None,
        _: None = Depends(Needs("records:write")),
    ) -> ReviewOut:
        """Close the current cycle."""
        raise problems.ApiError("step-refused")

    @router.get("/reviews")
    async def list_reviews(
        urn: Urn, asked: PageDep, as_at: CivilDate | None = None, _: None = Depends(Needs("records:read"))
    ) -> Page[ReviewOut]:
        raise problems.ApiError("gone")

    @app.get("/livez", tags=["Health"])
    async def live() -> dict[str, bool]:
        return {"alive": True}

    @app.webhooks.post("notice.ready", tags=["Webhooks"])
    async def notice_ready(body: NoticeOut) -> None:
        """A notice waits to be fetched."""

    app.include_router(router)
    openapi.install(app, SCOPES)
    docs.install(app)
    problems.install(app)
    app.add_middleware(Edge, new_id=new_id, monotonic=monotonic)
    return app


APP = an_app()
DOCUMENT = APP.openapi()
PAGES = docs.render(DOCUMENT)
STYLE = (docs.TEMPLATES / "style.css").read_text()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=APP), base_url="http://local") as client:
        yield client


def page(path: str) -> etree._Element:
    return html.fromstring(PAGES[path].decode())


def test_the_document_is_openapi():
    assert validate(DOCUMENT) is None
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_example_fits_its_schema():
    examples = list(listed(DOCUMENT))
    for example in examples:
        jsonschema.Draft202012Validator(example.schema, format_checker=jsonschema.FormatChecker()).validate(example.value)
    assert len(examples) > 50


def test_a_wrong_example_is_among_those_listed():
    spoilt = json.loads(json.dumps(DOCUMENT))
    spoilt["paths"]["/v1/schools/{urn}/reviews"]["post"]["requestBody"]["content"]["application/json"]["example"]["held_on"] = 5
    wrong = [example for example in listed(spoilt) if not jsonschema.Draft202012Validator(example.schema).is_valid(example.value)]
    assert [example.where for example in wrong] == ["post /v1/schools/{urn}/reviews/requestBody/content/application/json/example"]


def test_each_operation_names_its_problems_scope_and_function():
    operation = DOCUMENT["paths"]["/v1/schools/{urn}/reviews"]["post"]
    assert operation["operationId"] == "hold_review"
    assert operation["security"] == [{"client_credentials": ["records:write"]}]
    assert set(operation["responses"]) == {"201", "400", "401", "403", "404", "406", "409", "412", "413", "415", "422", "429", "500", "503"}
    assert {"step-refused", "idempotency-key-reused", "precondition-failed"} <= set(operation["x-problems"])
    assert DOCUMENT["paths"]["/livez"]["get"]["security"] == []


def test_summaries_and_ids_are_those_of_the_functions_in_webhooks_too():
    hook = DOCUMENT["webhooks"]["notice.ready"]["post"]
    assert (hook["operationId"], hook["summary"]) == ("notice_ready", "Notice ready")
    assert "Successful Response" not in json.dumps(DOCUMENT)


def test_the_frameworks_own_shape_of_errors_is_gone():
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)


def test_the_document_is_written_alike_each_time(tmp_path):
    openapi.write(an_app(), tmp_path / "openapi.json")
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") == openapi.text_of(DOCUMENT)


def test_a_member_without_an_example_is_named():
    app = FastAPI()

    class BareOut(Out):
        words: str

    @app.get("/bare")
    async def bare() -> BareOut:
        return BareOut(words="")

    openapi.install(app, {})
    with pytest.raises(ExampleMissingError, match="get /bare/words"):
        app.openapi()


def test_two_operations_with_one_id_are_refused():
    app = FastAPI()
    for path in ("/a", "/b"):
        app.add_api_route(path, lambda: None, operation_id="same")
    openapi.install(app, {})
    with pytest.warns(UserWarning, match="Duplicate Operation ID"), pytest.raises(ValueError, match="same"):
        app.openapi()


async def test_the_pages_are_served_as_html_under_a_policy_that_allows_no_script(client):
    for path in PAGES:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]
    assert (await client.get("/docs/style.css")).headers["content-type"] == "text/css; charset=utf-8"


async def test_the_root_leads_to_the_documentation(client):
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_abbreviations_are_written_in_capitals_in_titles():
    assert openapi._title("decide_sen_support") == "Decide SEN support"
    assert openapi._title("request_ehc_assessment") == "Request EHC assessment"
    assert openapi._title("send_notice") == "Send notice"


async def test_a_kind_of_problem_that_is_not_in_the_catalogue_has_no_page(client):
    assert (await client.get("/problems/made-up")).status_code == 404


def test_each_kind_of_problem_has_its_page():
    assert {f"/problems/{slug}" for slug in PROBLEM_TYPES} <= set(PAGES)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_has_a_language_landmarks_and_headings_in_order(path):
    tree = page(path)
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert tree.get("lang") == "en-GB"
    assert [len(tree.xpath(f"//{tag}")) for tag in ("main", "header", "footer", "h1", "title")] == [1, 1, 1, 1, 1]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(nav.get("aria-label") for nav in tree.xpath("//nav"))


@pytest.mark.parametrize("path", sorted(PAGES))
def test_the_first_link_skips_to_the_content(path):
    tree = page(path)
    first = tree.xpath("//a")[0]
    assert (first.get("href"), tree.xpath("//main/@id")) == ("#content", ["content"])


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(path):
    tree = page(path)
    assert tree.xpath("//script|//iframe|//object|//img|//@style|//@onclick|//style") == []
    assert all(address.startswith(("/", "#")) for address in tree.xpath("//@href|//@src"))


@pytest.mark.parametrize("path", sorted(PAGES))
def test_every_table_is_labelled(path):
    for table in page(path).xpath("//table"):
        assert table.xpath("string(caption)").strip()
        assert table.xpath("thead//th[not(@scope='col')]|tbody//tr[not(th[@scope='row'])]") == []


@pytest.mark.parametrize("path", sorted(PAGES))
def test_ids_are_unique_and_every_link_within_the_page_arrives(path):
    tree = page(path)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in tree.xpath("//@href") if address.startswith("#")} <= set(ids)
    assert {label for labels in tree.xpath("//@aria-labelledby") for label in labels.split()} <= set(ids)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(path):
    for region in page(path).xpath("//pre|//div[@class='wide']"):
        assert (region.get("tabindex"), region.get("role")) == ("0", "region")
        assert region.get("aria-label")


def test_the_page_shows_each_operation_with_its_scope_example_and_problems():
    tree = page("/docs")
    section = tree.xpath("//section[@aria-labelledby='operation-hold_review']")[0]
    text = " ".join(section.text_content().split())
    assert "POST /v1/schools/{urn}/reviews" in text
    assert "Scope needed: records:write" in text
    assert '"held_on": "2014-11-03"' in text
    assert "/problems/step-refused" in section.xpath(".//@href")
    assert tree.xpath("//h2[@id='group-webhooks']")


def test_the_tables_show_what_each_value_must_keep_to():
    text = PAGES["/docs"].decode()
    assert "string, 1 to 10000 characters" in text
    assert "string, matching <code>^[MFU]$</code> or null" in text
    assert "integer, 1 to 9" in text
    assert "list of integer, at most 3 items" in text
    assert "Where it is left out: <code>50</code>." in text


def test_what_stands_in_descriptions_is_text_and_not_markup():
    assert "The number of &lt;the&gt; entry." in PAGES["/docs"].decode()
    assert "<code>next</code> of the page before." in PAGES["/docs"].decode()


def colours() -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", STYLE))


def painted() -> Iterator[tuple[str, str | None, str | None]]:
    for selector, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE):
        inks = re.findall(r"(?<![-a-z])color:\s*var\(--([a-z-]+)\)", rule)
        papers = re.findall(r"background:\s*var\(--([a-z-]+)\)", rule)
        if inks or papers:
            yield selector.strip(), next(iter(inks), None), next(iter(papers), None)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_knows_black_on_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_every_pair_of_colours_has_a_contrast_of_at_least_four_and_a_half():
    pairs = list(painted())
    assert len(pairs) >= 6
    for selector, ink, paper in pairs:
        assert ink and paper, f"{selector} sets one colour without the other"
        assert contrast(colours()[ink], colours()[paper]) >= 4.5, selector


def test_colours_are_named_once_and_used_by_name():
    assert re.findall(r"#[0-9a-fA-F]{3,8}", STYLE.split("}", 1)[1]) == []


@pytest.mark.parametrize(("line", "behind"), [("focus", "paper"), ("bar-ink", "bar"), ("line", "paper")])
def test_lines_and_the_mark_of_the_keyboard_stand_out(line, behind):
    assert contrast(colours()[line], colours()[behind]) >= 3
    assert ":focus-visible" in STYLE
    assert "outline: none" not in STYLE


async def test_the_document_is_served_as_it_is_committed(client):
    assert (await client.get("/openapi.json")).json() == json.loads(openapi.text_of(DOCUMENT))
