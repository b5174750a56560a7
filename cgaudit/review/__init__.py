"""What people decided about labels: written into the data, and remembered."""

from cgaudit.review.apply import apply_fixes
from cgaudit.review.decisions import COLUMNS, Decision, read_decisions
from cgaudit.review.joined import Joined, Known, join
from cgaudit.review.memory import (
    no_reviews,
    read_reviewed,
    reviewed_bytes,
    reviews_at,
    still_reviewed,
)
from cgaudit.review.parts import Parts, named, split

__all__ = [
    "COLUMNS",
    "Decision",
    "Joined",
    "Known",
    "Parts",
    "apply_fixes",
    "join",
    "named",
    "no_reviews",
    "read_decisions",
    "read_reviewed",
    "reviewed_bytes",
    "reviews_at",
    "split",
    "still_reviewed",
]
