"""What other tools say of the samples, kept beside what we say."""

from cgaudit.imported.read import Read, read_values
from cgaudit.imported.table import PREFIX, Imported, ImportFacts, read_imported, write_imported

__all__ = [
    "PREFIX",
    "ImportFacts",
    "Imported",
    "Read",
    "read_imported",
    "read_values",
    "write_imported",
]
