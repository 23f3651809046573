"""`python -m demo`: tell the story; exits 1 with one clear line where something differs from what it expects."""

import sys

from demo.narrator import StoryDiffersError
from demo.story import tell


def main() -> None:
    """Tell the story."""
    try:
        tell()
    except StoryDiffersError as error:
        sys.exit(f"\nThe story differs: {error}")


if __name__ == "__main__":
    main()
