"""A kind of entry that a cure or a next step names leads to the operation that adds it, and to what the entry says."""

import pytest
from lxml import html

from app.api.guide import docs
from app.api.manners.openapi import operations
from app.api.shown.entries_told import KINDS_IN
from app.api.shown.kinds_added import ADDED_BESIDE, ADDS_KEY, routes_by_kind
from app.domain.entries import KINDS
from app.domain.obligations import MET_BY
from app.domain.steps import SCHOOL_STEPS, STEPS
from app.main import create_app

OF_THE_SERVICE = {"school.described", "accesses.digested", "entry.erased", "obligations.rederived", "ledger.restored"}


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    return create_app().openapi()


def test_every_step_has_an_operation_that_takes_it_and_only_what_the_service_writes_itself_has_none(document):
    routes = routes_by_kind(document)
    assert {kind.type for kind in (*STEPS, *SCHOOL_STEPS)} <= set(routes) | OF_THE_SERVICE
    assert set(KINDS) - set(routes) == OF_THE_SERVICE


def test_whatever_would_meet_a_duty_can_be_added(document):
    assert {kind.type for kinds in MET_BY.values() for kind in kinds} <= set(routes_by_kind(document)) | OF_THE_SERVICE


def test_an_operation_names_the_kind_that_its_body_stands_for(document):
    found = dict(operations(document))
    assert found["post /v1/schools/{urn}/senco-roles"][ADDS_KEY] == ["senco_role.determined"]
    assert ADDS_KEY not in found["post /v1/evaluations"]


def test_an_operation_of_the_school_stands_before_that_of_an_authority_and_the_plainest_first(document):
    routes = routes_by_kind(document)
    assert [route["path"].split("/")[2] for route in routes["authority.decided"]] == ["schools", "local-authorities"]
    assert [route["id"] for route in routes["person.told"]] == ["tell_in_person", "report_on_notice"]


def test_what_is_named_beside_the_bodies_are_operations_and_kinds_that_there_are(document):
    assert set(ADDED_BESIDE) <= {operation["operationId"] for _, operation in operations(document)}
    assert {kind for kinds in ADDED_BESIDE.values() for kind in kinds} <= set(KINDS)


@pytest.fixture(scope="module")
def pages(document):
    return {path: html.fromstring(page.decode()) for path, page in docs.render(document).items()}


def test_the_page_of_kinds_has_each_with_the_facts_that_an_evaluation_asks_for(pages):
    sections = {section.get("aria-labelledby"): section for section in pages["/docs/entries"].xpath("//section")}
    kinds = {kind for listed in KINDS_IN.values() for kind in listed}
    assert {f"kind-{kind}" for kind in kinds} <= set(sections)
    rows = {row.xpath("string(th)"): row.xpath("string(td[2])") for row in sections["kind-plan.agreed"].xpath(".//tbody/tr")}
    assert (rows["review_on"], rows["home_contribution"]) == ("yes", "no")
    assert "one of" in sections["part-TermName"].text_content()


def test_a_kind_links_to_its_operation_and_the_operation_to_the_kind(pages):
    there = pages["/docs/entries"].xpath("//section[@aria-labelledby='kind-senco_role.determined']//a/@href")
    assert there == ["/docs#operation-determine_senco_role"]
    back = pages["/docs"].xpath("//section[@aria-labelledby='operation-determine_senco_role']//a/@href")
    assert "/docs/entries#kind-senco_role.determined" in back


def test_links_from_page_to_page_arrive(pages):
    for path, page in pages.items():
        for address in page.xpath("//@href"):
            leads_to, _, place = address.partition("#")
            if leads_to in pages and place:
                assert pages[leads_to].xpath("//*[@id=$place]", place=place), f"{path} has {address}"
