"""Results in the formats that other tools import: a scores table in, the content of files out."""

from cgaudit.export.base import (
    Contents,
    Format,
    Material,
    Matrix,
    Pictures,
    class_names,
    plain,
)
from cgaudit.export.cleanlab import cleanlab
from cgaudit.export.cvat import cvat
from cgaudit.export.datalab import datalab
from cgaudit.export.fiftyone import fiftyone
from cgaudit.export.labelstudio import label_studio
from cgaudit.export.spotlight import spotlight
from cgaudit.export.tidy import as_csv, as_jsonl

__all__ = [
    "FORMATS",
    "Contents",
    "Format",
    "Material",
    "Matrix",
    "Pictures",
    "class_names",
    "plain",
]

#: Every format, by the name that ``cgaudit export --to`` takes.
FORMATS = {
    "csv": Format(lines=as_csv, one_file=True, takes_numbers=True, takes_sets=True),
    "jsonl": Format(lines=as_jsonl, one_file=True, takes_numbers=True, takes_sets=True),
    "label-studio": Format(
        label_studio, shows={"pictures", "texts"}, takes_numbers=True, takes_sets=True
    ),
    "cleanlab": Format(cleanlab, needs_matrix=True, takes_numbers=True, takes_sets=True),
    "fiftyone": Format(fiftyone, shows={"pictures"}),
    "cvat": Format(cvat, shows={"pictures"}),
    "datalab": Format(datalab, takes_sets=True),
    "spotlight": Format(spotlight, shows={"pictures", "texts"}),
}
