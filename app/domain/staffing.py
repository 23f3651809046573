"""Who works at the school and in which roles: written by the school's own clients, and by nobody else."""

from collections.abc import Sequence

from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import RoleEnded, RoleGiven
from app.domain.school import School


def write_roles(_school: School, entry: RoleGiven | RoleEnded, _by: Author, *, also: Sequence[RoleGiven] = ()) -> Decision:
    """Add a role given or ended, and what else the same person was given with it; whoever may ask for this was let in for it."""
    return Decision.taken(entry, *also)
