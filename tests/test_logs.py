"""The log holds no word of any request, whoever writes to it."""

import io
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from app import logs

SECRET_NAME = "Invented Childname"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    logs.set_up(lambda: NOON, stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def a_nested_error() -> BaseException:
    try:
        try:
            raise KeyError(SECRET_NAME)
        except KeyError as error:
            raise ValueError(SECRET_NAME) from error
    except ValueError as error:
        return error


def test_an_event_is_one_line_of_json_with_its_moment(stream):
    structlog.get_logger().info("request", status=200, route="/v1/schools/{urn}")
    assert lines(stream) == [
        {"status": 200, "route": "/v1/schools/{urn}", "event": "request", "level": "info", "at": "2026-11-03T12:00:00.000Z"}
    ]


def test_a_member_that_is_not_on_the_list_is_dropped_and_only_its_name_noted(stream):
    structlog.get_logger().info("request", pupil_name=SECRET_NAME, route=["a", "b"], kind="x" * 301)
    assert lines(stream)[0]["dropped"] == ["kind", "pupil_name", "route"]
    assert SECRET_NAME not in stream.getvalue()


def test_an_exception_is_told_by_type_and_place_and_not_by_its_message(stream):
    structlog.get_logger().error("request.failed", exc_info=a_nested_error())
    told = lines(stream)[0]["error"]
    assert [error["type"] for error in told] == ["builtins.ValueError", "builtins.KeyError"]
    assert told[0]["at"][0].endswith("a_nested_error")
    assert told[0]["at"][0].startswith("tests/test_logs.py:")
    assert SECRET_NAME not in stream.getvalue()


def test_the_lines_of_libraries_lose_their_arguments_and_their_messages_of_errors(stream):
    error = a_nested_error()
    logging.getLogger("uvicorn.error").error(
        "Exception in %s\nfor %s", SECRET_NAME, SECRET_NAME, exc_info=(type(error), error, error.__traceback__)
    )
    line = lines(stream)[0]
    assert (line["logger"], line["event"], line["level"]) == ("uvicorn.error", "Exception in %s", "error")
    assert SECRET_NAME not in stream.getvalue()


def test_uvicorn_tells_its_life_and_not_its_requests(stream):
    logging.getLogger("uvicorn.error").info("Application startup complete.")
    logging.getLogger("uvicorn.access").info("GET /v1/pupils/%s", SECRET_NAME)
    logging.getLogger("httpx").info("HTTP Request: GET %s", SECRET_NAME)
    assert [line["event"] for line in lines(stream)] == ["Application startup complete."]


def test_a_line_of_a_library_has_its_numbers_and_is_left_out_where_it_would_have_holes(stream):
    logger = logging.getLogger("uvicorn.error")
    logger.info("Uvicorn running on %s://%s:%d (Press CTRL+C to quit)", "http", "127.0.0.1", 8000)
    logger.info("Started server process [%d]", 4711)
    assert [line["event"] for line in lines(stream)] == ["Started server process [4711]"]


def test_a_traceback_that_comes_as_words_keeps_the_type_and_none_of_the_words(stream):
    error = a_nested_error()
    logging.getLogger("uvicorn.error").error("".join(traceback.format_exception(error)))
    line = lines(stream)[0]
    assert (line["event"], line["error"]) == ("raised", [{"type": "ValueError"}])
    assert SECRET_NAME not in stream.getvalue()


def test_what_is_bound_to_the_request_stands_in_every_line(stream):
    with structlog.contextvars.bound_contextvars(request_id="00000000-0000-0000-0000-000000000001"):
        structlog.get_logger().warning("notice.withheld", reason="information_restricted")
    assert lines(stream)[0]["request_id"] == "00000000-0000-0000-0000-000000000001"


def test_levels_below_the_threshold_are_not_written(stream):
    structlog.get_logger().debug("request")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("value", ["half a pair \ud800", 2**70])
def test_what_the_fast_writer_cannot_write_is_still_one_line(stream, value):
    structlog.get_logger().info("request", kind=value)
    assert lines(stream)[0]["kind"] == value
