"""Speaking of a child to a parent, or to a young person as `you`: the only grammar that a notice needs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom a notice is written; a young person's notice is about the reader."""

    name: str
    is_young_person: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """The words that change with the reader; `child` is a first name."""

    child: str
    to_child: bool

    @property
    def they(self) -> str:
        """The child as the subject within a sentence."""
        return "you" if self.to_child else self.child

    @property
    def at_start(self) -> str:
        """The child as the first word of a sentence."""
        return "You" if self.to_child else self.child

    @property
    def their(self) -> str:
        """The child's, before a noun."""
        return "your" if self.to_child else f"{self.child}'s"

    @property
    def their_at_start(self) -> str:
        """The child's, before a noun, as the first word of a sentence."""
        return "Your" if self.to_child else self.their

    @property
    def parents_at_start(self) -> str:
        """The child's parents as the first words of a sentence."""
        return "Your parents" if self.to_child else f"{self.child}'s parents"

    def says(self, for_you: str, for_child: str) -> str:
        """The verb that fits: `are` for the reader, `is` for the child."""
        return for_you if self.to_child else for_child
