"""The types of school that each group of duties binds (Children and Families Act 2014, ss. 35, 66 to 69 and 83)."""

from typing import Final

from app.domain.codes import SchoolType

EVERY_TYPE: Final = frozenset(SchoolType)

MAINSTREAM_AND_NURSERY: Final = frozenset({SchoolType.MAINTAINED_MAINSTREAM, SchoolType.MAINTAINED_NURSERY, SchoolType.ACADEMY_MAINSTREAM})
"""Sections 35 and 67; special schools and alternative provision are outside."""

SEN_SUPPORT: Final = MAINSTREAM_AND_NURSERY | {SchoolType.ALTERNATIVE_PROVISION_ACADEMY, SchoolType.PUPIL_REFERRAL_UNIT}
"""Chapter 6 of the Code; special schools are outside it, and colleges and 16 to 19 academies have chapter 7."""

BEST_ENDEAVOURS: Final = SEN_SUPPORT | {SchoolType.SIXTEEN_TO_NINETEEN_ACADEMY, SchoolType.FURTHER_EDUCATION}
"""Section 66."""

BOUND_TO_INFORM: Final = SEN_SUPPORT | {SchoolType.MAINTAINED_SPECIAL, SchoolType.ACADEMY_SPECIAL}
"""Section 68: special schools are inside, those in a hospital (section 83(2)), 16 to 19 academies and colleges are not."""

MAINTAINED: Final = frozenset(
    {SchoolType.MAINTAINED_MAINSTREAM, SchoolType.MAINTAINED_NURSERY, SchoolType.MAINTAINED_SPECIAL, SchoolType.HOSPITAL_SPECIAL}
)
"""The schools that an authority maintains, to which the Pupil Information Regulations speak; academies are outside.

That a special school in a hospital is none is said for Part 3 of the Act of 2014 alone.
"""

REPORTED_ON: Final = MAINTAINED | {SchoolType.PUPIL_REFERRAL_UNIT}
"""Regulation 6 of the Pupil Information Regulations: referral units too, on pupils in their last year of compulsory school age."""

MAINSTREAM: Final = frozenset({SchoolType.MAINTAINED_MAINSTREAM, SchoolType.ACADEMY_MAINSTREAM})
"""The schools in whose budgets a notional sum for special educational needs is identified (Code, 6.95)."""

CENSUS: Final = EVERY_TYPE - {SchoolType.FURTHER_EDUCATION}
"""The school census; colleges make a return of their own."""

REPORTING: Final = MAINSTREAM_AND_NURSERY | {SchoolType.MAINTAINED_SPECIAL, SchoolType.ACADEMY_SPECIAL}
"""Section 69: special schools are inside but for those in a hospital; referral units, alternative provision and colleges are not named."""

MEDICAL: Final = (BOUND_TO_INFORM | {SchoolType.HOSPITAL_SPECIAL}) - {SchoolType.MAINTAINED_NURSERY}
"""Section 100, which is not of Part 3: special schools in hospitals are inside, early years children are left out."""

SCHOOLS: Final = EVERY_TYPE - {SchoolType.FURTHER_EDUCATION, SchoolType.SIXTEEN_TO_NINETEEN_ACADEMY}
"""Schools in the sense of the Equality Act 2010."""

SPECIAL: Final = frozenset({SchoolType.MAINTAINED_SPECIAL, SchoolType.HOSPITAL_SPECIAL, SchoolType.ACADEMY_SPECIAL})
"""Special schools of every kind, those in a hospital among them."""
