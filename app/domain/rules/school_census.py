"""Rules of the school census and the common basic data set."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument, census
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, SINCE_2005, SINCE_APRIL_2018, SINCE_SEPTEMBER_2014, UNDATED
from app.domain.rules.scopes import CENSUS, EVERY_TYPE, SPECIAL

USE_STATUSES_OF_THE_DAY: Final = Rule(
    id="use-statuses-of-the-day",
    rows=("TRN-07",),
    duty="Return an SEN status that is valid on the census day",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("guide 2015 to 2016, SENprovision; error 2120"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

USE_CURRENT_STATUSES: Final = Rule(
    id="use-current-statuses",
    rows=("TRN-13",),
    duty="Return N, K or E alone",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("error 2120"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_APRIL_2018,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

USE_TYPES_OF_THE_DAY: Final = Rule(
    id="use-types-of-the-day",
    rows=("TRN-14",),
    duty="Give a type of need that is open on the day and fits the status",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("SENtype; error 2170"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

RANK_NEEDS_FROM_ONE: Final = Rule(
    id="rank-needs-from-one",
    rows=("TRN-15",),
    duty="Rank needs from 1, the primary need; the census takes the first two",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("errors 2130, 2140, 2160 and 2166"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_2005,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

KEEP_TYPES_AND_STATUS_CONSISTENT: Final = Rule(
    id="keep-types-and-status-consistent",
    rows=("TRN-16",),
    duty="Keep status and types consistent: K and E with a type, N with none, NSA with K alone",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("errors 2120, 2125, 2170 and 2175"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

QUERY_NO_SEN_AT_A_SPECIAL_SCHOOL: Final = Rule(
    id="query-no-sen-at-a-special-school",
    rows=("TRN-16",),
    duty="Look again at a pupil who is returned without special educational needs at a special school",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("error 2180"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SPECIAL,
    checking=Checking.DATA_CHECK,
)

SAY_WHO_HAS_A_PLACE_IN_A_UNIT: Final = Rule(
    id="say-who-has-a-place-in-a-unit",
    rows=("TRN-16",),
    duty="Return in spring, at a mainstream school alone, whether each pupil on K or E has a place in a SEN unit or resourced provision",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("errors 2230, 2250, 5049 and 5050"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.DATA_CHECK,
)

TELL_PARENTS_THE_TYPE_USED: Final = Rule(
    id="tell-parents-the-type-used",
    rows=("TRN-17",),
    duty="Let parents know the description used; a type needs no specialist assessment",
    who=Actor.SENCO,
    force=Force.DATA_STANDARD,
    cites=(census("SENtype"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.FINDING,
)

RETURN_SEN_AS_THE_CENSUS_NAMES_IT: Final = Rule(
    id="return-sen-as-the-census-names-it",
    rows=("DAT-05",),
    duty="Return status, ranked types and places in units under the element names of the census, types and places in spring alone",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("SpecialEducationalNeeds"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=CENSUS,
    checking=Checking.PROPERTY,
    shown_by="tests/exchange/test_census.py::test_a_pupil_is_written_under_the_names_of_the_census",
)

SAY_SEX_AND_NOT_GENDER: Final = Rule(
    id="say-sex-and-not-gender",
    rows=("DAT-06",),
    duty="Write the element Sex where files once said Gender, and read either",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(census("Sex"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=InForce(since=date(2023, 1, 1)),
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/exchange/test_census.py::test_sex_is_written_from_2023_and_gender_before",
)

MAKE_ONE_HISTORY_OF_EVERY_SHAPE: Final = Rule(
    id="make-one-history-of-every-shape",
    rows=("DAT-07",),
    duty="Read the shapes in which school systems hold status and needs into one dated history",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(census("SENprovision and SENtype"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/exchange/test_system_shapes.py::test_four_systems_tell_one_history",
)

NAME_FIELDS_AS_THE_AUTHORITY_RETURNS_THEM: Final = Rule(
    id="name-fields-as-the-authority-returns-them",
    rows=("EHC-22",),
    duty="Give an authority the facts of a request under the field names of its own yearly return",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(Citation(Instrument.SEN2, "person level data, 2023"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=InForce(since=date(2023, 1, 1)),
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/documents/test_bag.py::test_the_authority_gets_its_own_field_names_and_the_upn_there_alone",
)
