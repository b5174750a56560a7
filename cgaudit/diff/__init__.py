"""What a change to the data did to the quality of its labels."""

from cgaudit.diff.compare import comparable, compare
from cgaudit.diff.match import look_like_paths, match

__all__ = ["comparable", "compare", "look_like_paths", "match"]
