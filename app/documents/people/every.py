"""Every document for people that can be drawn from a record, in the order in which a reader would page through them."""

from app.documents.people.decision import decisions
from app.documents.people.document import Document, Letterhead
from app.documents.people.meeting import meetings
from app.documents.people.plan import plans
from app.documents.people.provision_map import provision_maps
from app.documents.people.review import reviews
from app.domain.record import Record


def documents_of(record: Record, head: Letterhead) -> tuple[Document, ...]:
    """Draw all documents, by kind and within a kind by day: decisions, plans, reviews, meetings, provision maps."""
    return (
        *decisions(record, head),
        *plans(record, head),
        *reviews(record, head),
        *meetings(record, head),
        *provision_maps(record, head),
    )
