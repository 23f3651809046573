"""How schools and their pupils with special educational needs are spread over England, so that an invented country looks like it.

Numbers and rolls of schools are those of 2021, needs those of 2021/22 (public sector information, Open Government Licence v3.0).
The nation's shares on SEN Support and with a plan are split between kinds of school so that they add up; that split is ours.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from app.domain.codes import NeedType, SchoolType


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfSchool:
    """One kind of school: how many there are, the roll at each tenth of them, and the shares of pupils on SEN Support and with a plan."""

    school_type: SchoolType
    schools: int
    rolls: tuple[int, ...]
    on_support: float
    with_plan: float


KINDS: Final = (
    KindOfSchool(
        school_type=SchoolType.MAINTAINED_MAINSTREAM,
        schools=10_978,
        rolls=(1, 89, 138, 183, 204, 216, 279, 359, 412, 567, 1857),
        on_support=0.145,
        with_plan=0.031,
    ),
    KindOfSchool(
        school_type=SchoolType.ACADEMY_MAINSTREAM,
        schools=8_422,
        rolls=(10, 112, 181, 209, 269, 354, 411, 540, 759, 1023, 2765),
        on_support=0.145,
        with_plan=0.031,
    ),
    KindOfSchool(
        school_type=SchoolType.MAINTAINED_SPECIAL,
        schools=622,
        rolls=(2, 53, 69, 80, 92, 104, 118, 136, 156, 190, 469),
        on_support=0.015,
        with_plan=0.98,
    ),
    KindOfSchool(
        school_type=SchoolType.ACADEMY_SPECIAL,
        schools=361,
        rolls=(11, 47, 59, 73, 88, 99, 116, 137, 155, 198, 350),
        on_support=0.015,
        with_plan=0.98,
    ),
    KindOfSchool(
        school_type=SchoolType.PUPIL_REFERRAL_UNIT,
        schools=187,
        rolls=(1, 4, 10, 15, 28, 34, 47, 60, 78, 104, 389),
        on_support=0.6,
        with_plan=0.24,
    ),
    KindOfSchool(
        school_type=SchoolType.ALTERNATIVE_PROVISION_ACADEMY,
        schools=134,
        rolls=(1, 5, 13, 16, 23, 29, 39, 47, 57, 87, 334),
        on_support=0.6,
        with_plan=0.24,
    ),
)

NEEDS_ON_SUPPORT: Final = {
    NeedType.SLCN: 262_420,
    NeedType.SEMH: 208_920,
    NeedType.MLD: 197_410,
    NeedType.SPLD: 150_000,
    NeedType.ASD: 79_060,
    NeedType.NSA: 46_100,
    NeedType.OTH: 44_720,
    NeedType.PD: 22_860,
    NeedType.HI: 16_700,
    NeedType.VI: 9_890,
    NeedType.MSI: 3_010,
    NeedType.SLD: 2_430,
    NeedType.PMLD: 770,
}
NEEDS_WITH_PLAN: Final = {
    NeedType.ASD: 103_430,
    NeedType.SLCN: 57_340,
    NeedType.SEMH: 49_530,
    NeedType.MLD: 32_060,
    NeedType.SLD: 31_500,
    NeedType.PD: 14_020,
    NeedType.SPLD: 13_030,
    NeedType.PMLD: 10_110,
    NeedType.OTH: 8_420,
    NeedType.HI: 6_190,
    NeedType.VI: 3_710,
    NeedType.MSI: 1_100,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One school drawn from the country: its kind, and how many pupils it has on SEN Support and with a plan."""

    kind: KindOfSchool
    on_support: int
    with_plan: int


def draw_school(dice: Random) -> Drawn:
    """Draw a school by how many there are of its kind, with a roll between two of that kind's tenths."""
    (kind,) = dice.choices(KINDS, weights=[kind.schools for kind in KINDS])
    tenth = dice.randrange(len(kind.rolls) - 1)
    roll = dice.randint(kind.rolls[tenth], kind.rolls[tenth + 1])
    return Drawn(kind=kind, on_support=_about(dice, roll * kind.on_support), with_plan=_about(dice, roll * kind.with_plan))


def draw_need(dice: Random, *, with_plan: bool) -> NeedType:
    """Draw a primary need as often as it stands in the public figures."""
    needs = NEEDS_WITH_PLAN if with_plan else NEEDS_ON_SUPPORT
    (need,) = dice.choices(list(needs), weights=list(needs.values()))
    return need


def _about(dice: Random, share: float) -> int:
    """Round up or down so that the mean over many schools is the share."""
    return int(share) + (dice.random() < share % 1)
