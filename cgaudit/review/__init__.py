"""What people decided about labels: written into the data, and remembered."""

from cgaudit.review.apply import apply_fixes
from cgaudit.review.memory import (
    no_reviews,
    read_reviewed,
    reviewed_bytes,
    reviews_at,
    still_reviewed,
)

__all__ = [
    "apply_fixes",
    "no_reviews",
    "read_reviewed",
    "reviewed_bytes",
    "reviews_at",
    "still_reviewed",
]
