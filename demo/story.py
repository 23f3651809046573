"""The story of an invented school from November 2014 to the autumn of 2015, acted out against real processes on loopback."""

from demo.client import Client
from demo.scenes import cycle, ending, evidence, later, others, own_duties, papers, roll_in, specialist, telling, transition, vendor
from demo.scenes.telling import Post
from demo.school import School
from demo.stage import Stage

MIS = "The school's own MIS"
MESSENGER = "The school's messaging system"
VENDOR = "A vendor's software, under a grant"
AUTHORITY = "The local authority's case system"
ON_SUPPORT_SINCE_AUTUMN = ["Elif", "Grace", "Farid"]
ON_SUPPORT_SINCE_SPRING = ["Jakub", "Keisha", "Liam"]
FORGOTTEN = "Mei"
LATE = "Hamza"


def tell() -> None:
    """Act the whole story; raises StoryDiffersError where something differs from what it expects."""
    with Stage() as stage:
        stage.serve()
        clients = stage.secrets()
        school = School(Client(stage.address, *clients[MIS]))
        vendor.tries_its_own_data(stage, clients[VENDOR], school.client)
        vendor.runs_the_published_cases(stage, clients[VENDOR])
        school.meet_staff()
        own_duties.calendar_is_loaded(school)
        own_duties.senco_is_described(school)
        roll_in.roll_comes_in(school)
        post = Post(stage, school, *clients[MESSENGER])
        others.endpoint_is_tried(school, post)
        mailbox = others.mailbox_is_opened(school)
        autumn(school, post)
        spring(school, post)
        others.mailbox_is_emptied(school, mailbox)
        summer(school, post)
        both = evidence.authorities(stage, clients[AUTHORITY])
        evidence.let_a_second_person_confirm(school)
        evidence.parent_asks(school, both)
        evidence.school_asks(school, both)
        ending.what_is_overdue(school)
        others.mailbox_is_emptied(school, mailbox)
        ending.numbers_have_no_gap(school, post)
        ending.ledger_holds(stage)
        others.feed_is_whole(school)
        ending.count(school, post)
        papers.evidence_of_many_papers(school, both)


def autumn(school: School, post: Post) -> None:
    """November and December 2014."""
    telling.facts_about_families(school)
    transition.first_decisions(school)
    telling.parents_are_told(school, post)
    cycle.assess_and_plan(school, post)
    transition.before_christmas(school)
    cycle.sessions_and_meeting(school)
    for name in ON_SUPPORT_SINCE_AUTUMN:
        cycle.begin(school, name, 1, cycle.REVIEW_ON)


def spring(school: School, post: Post) -> None:
    """January to March 2015."""
    transition.besd_is_assessed_anew(school)
    post.letters_bounce_to(*school.pupils["Liam"].contacts.values())
    transition.february(school)
    telling.letter_comes_back(school, post)
    transition.by_march(school)
    telling.carer_is_told(school, post)
    telling.restricted_parent_is_not_told(school, post)
    for name in (*ON_SUPPORT_SINCE_SPRING, FORGOTTEN):
        cycle.begin(school, name, 1, cycle.REVIEW_ON)
    cycle.do_and_review(school, post)
    cycle.reviews_of_the_others(school, [*ON_SUPPORT_SINCE_AUTUMN, *ON_SUPPORT_SINCE_SPRING], slow=specialist.SLOW)


def summer(school: School, post: Post) -> None:
    """April to September 2015."""
    later.parent_is_worried(school, post)
    own_duties.report_is_written_down_late(school)
    later.young_person_is_told(school, post)
    cycle.second_review(school)
    own_duties.senco_qualifies(school)
    specialist.second_slow_review(school, post)
    later.window_closes(school)
    later.late_decision(school, post)
    specialist.what_can_be_done_now(school, LATE)
