"""What a training run's log says of the samples, beside what the rest of the data says."""

from cgaudit.dynamics.formats import read_log
from cgaudit.dynamics.judge import CORNERS, corners, joined_score, worth_joining
from cgaudit.dynamics.log import Log, Measures, measures
from cgaudit.dynamics.pool import pooled
from cgaudit.dynamics.table import (
    MEASURES,
    Dynamics,
    LogFacts,
    read_dynamics,
    write_dynamics,
)

__all__ = [
    "CORNERS",
    "MEASURES",
    "Dynamics",
    "Log",
    "LogFacts",
    "Measures",
    "corners",
    "joined_score",
    "measures",
    "pooled",
    "read_dynamics",
    "read_log",
    "worth_joining",
    "write_dynamics",
]
