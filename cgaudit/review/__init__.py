"""What people decided about labels: written into the data, and remembered."""

from cgaudit.review.memory import (
    REVIEWED,
    no_reviews,
    read_reviewed,
    reviewed_bytes,
    still_reviewed,
)

__all__ = [
    "REVIEWED",
    "no_reviews",
    "read_reviewed",
    "reviewed_bytes",
    "still_reviewed",
]
