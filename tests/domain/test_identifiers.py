import pytest

from app.domain.authorities import KNOWN_AUTHORITIES
from app.domain.identifiers import UPN_ALPHABET, IdentifierError, IdentifierFault, Laestab, Upn, Urn, check_letter

RIGHT = (
    "H801200001001",
    "G80120000101A",
    "X00180001701A",
    "B801200005001",
    "F999999925001",
    "V999999925002",
    "E99999992501A",
    "R900400001001",
)


@pytest.mark.parametrize("text", RIGHT)
def test_a_upn_whose_letter_is_right_is_read(text):
    """Vectors from the DfE guide, the DfE's own test data, python-stdnum, and our own arithmetic for authority 999."""
    assert Upn.parse(text).value == text


@pytest.mark.parametrize("text", ["Z801200001001", "A801200005001"])
def test_a_upn_with_a_wrong_letter_is_refused(text):
    with pytest.raises(IdentifierError) as caught:
        Upn.parse(text)
    assert caught.value.reason is IdentifierFault.UPN_LETTER


@pytest.mark.parametrize("text", RIGHT)
def test_any_other_first_letter_is_refused(text):
    for letter in set(UPN_ALPHABET) - {text[0]}:
        with pytest.raises(IdentifierError):
            Upn.parse(letter + text[1:])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", IdentifierFault.UPN_LENGTH),
        ("F99999992500", IdentifierFault.UPN_LENGTH),
        ("F9999999250011", IdentifierFault.UPN_LENGTH),
        ("I999999925001", IdentifierFault.UPN_CHARACTERS),
        ("F99999992500S", IdentifierFault.UPN_CHARACTERS),
        ("F9999999A5001", IdentifierFault.UPN_CHARACTERS),
        ("F99999992500\u0661", IdentifierFault.UPN_CHARACTERS),
        ("\uff26999999925001", IdentifierFault.UPN_CHARACTERS),
        ("F99999992500\u0131", IdentifierFault.UPN_CHARACTERS),
        ("F99999992\x005001", IdentifierFault.UPN_LENGTH),
    ],
)
def test_a_text_that_has_not_the_shape_of_a_upn_says_why(text, reason):
    with pytest.raises(IdentifierError) as caught:
        Upn.parse(text)
    assert caught.value.reason is reason


def test_case_and_spaces_make_no_difference():
    assert Upn.parse(" f 999 9999 25 001\t") == Upn.parse("F999999925001")


@pytest.mark.parametrize(("text", "temporary"), [("F999999925001", False), ("E99999992501A", True), ("G80120000101A", True)])
def test_a_temporary_upn_ends_in_a_letter(text, temporary):
    assert Upn.parse(text).is_temporary is temporary


@pytest.mark.parametrize(
    ("text", "known"), [("F999999925001", True), ("H801200001001", True), ("R900400001001", False), ("X00180001701A", False)]
)
def test_an_unknown_authority_is_seen_but_does_not_make_a_upn_wrong(text, known):
    assert Upn.parse(text).has_known_authority is known


def test_neither_printing_nor_failing_shows_the_number():
    """A UPN is a blind number: it is not to turn up in logs or messages."""
    assert "9999" not in f"{Upn.parse('F999999925001')} {Upn.parse('F999999925001')!r}"
    with pytest.raises(IdentifierError) as caught:
        Upn.parse("A999999925001")
    assert "9999" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("body", ["", "99999992500", "9999999250011", "99999992500S", "A99999925001", "99999992500-"])
def test_the_check_letter_exists_only_for_eleven_digits_and_one_more_character(body):
    with pytest.raises(IdentifierError):
        check_letter(body)


@pytest.mark.parametrize(("body", "letter"), [("801200001001", "H"), ("999999925001", "F"), ("99999992501A", "E"), ("80120000101A", "G")])
def test_the_check_letter_comes_from_the_weighted_sum(body, letter):
    assert check_letter(body) == letter


@pytest.mark.parametrize(("text", "sandbox"), [("999999", True), ("999000", True), ("998999", False), (" 100000 ", False)])
def test_only_schools_from_999000_are_sandboxes(text, sandbox):
    assert Urn.parse(text).is_sandbox is sandbox


@pytest.mark.parametrize("text", ["", "99999", "9999999", "099999", "99999A", "99999\u0661", "999-999"])
def test_a_urn_is_six_digits_and_nothing_else(text):
    with pytest.raises(IdentifierError) as caught:
        Urn.parse(text)
    assert caught.value.reason is IdentifierFault.URN_SHAPE


@pytest.mark.parametrize("text", ["9999999", "999/9999", "999-9999", "999 9999"])
def test_a_laestab_is_read_in_each_way_it_is_written(text):
    assert str(Laestab.parse(text)) == "999/9999"


def test_an_authority_that_sends_a_file_has_no_establishment():
    assert Laestab.parse("999LLLL").is_an_authority
    assert not Laestab.parse("9999999").is_an_authority


@pytest.mark.parametrize("text", ["", "99/9999", "999/999", "999/99999", "ABC/9999", "999//9999"])
def test_a_laestab_of_another_shape_is_refused(text):
    with pytest.raises(IdentifierError) as caught:
        Laestab.parse(text)
    assert caught.value.reason is IdentifierFault.LAESTAB_SHAPE


def test_there_are_155_authorities_of_three_digits():
    assert len(KNOWN_AUTHORITIES) == 155
    assert all(len(number) == 3 and number.isdigit() for number in KNOWN_AUTHORITIES)
