"""What the kernel says of a data set as a whole: its classes, its pairs of classes, its growth."""

from cgaudit.analysis.describe import Description, PairFound, describe

__all__ = ["Description", "PairFound", "describe"]
