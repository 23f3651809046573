"""The canonical bytes of headers and bodies, whichever writer makes them, are those that RFC 8785's own writer gives."""

from datetime import UTC
from uuid import UUID

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.db.chain import LARGEST_INTEGER, Header, canonical
from app.domain.author import Assurance, Author, AuthorKind

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)
HEADERS = st.builds(
    Header,
    school=st.uuids(),
    number=st.integers(1, LARGEST_INTEGER),
    pupil=st.none() | st.uuids(),
    type=TEXTS,
    occurred_on=st.dates(),
    recorded_at=st.datetimes(timezones=st.just(UTC)),
    author=st.builds(Author, kind=st.sampled_from(AuthorKind), id=st.uuids(), assurance=st.sampled_from(Assurance)),
    client=st.none() | st.uuids(),
    commitment=st.binary(min_size=32, max_size=32),
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
def test_any_body_has_the_bytes_of_the_reference(body):
    assert canonical(body) == rfc8785.dumps(body)


@given(st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), st.integers(-5, 5) | TEXTS, max_size=6))
def test_a_body_without_floats_has_the_bytes_of_the_reference(body):
    assert canonical(body) == rfc8785.dumps(body)


@given(HEADERS)
def test_any_header_has_the_bytes_of_the_reference(header):
    assert header.to_bytes() == rfc8785.dumps(header.to_json())


def test_names_that_the_fast_writer_would_sort_otherwise_stand_in_the_order_of_utf_16():
    body = {"\ufb33": 1, "\U0001f600": 2, "a": UUID(int=0).hex}
    assert canonical(body) == '{"a":"00000000000000000000000000000000","\U0001f600":2,"\ufb33":1}'.encode()
