"""Reading tables: files of rows, whatever their format, by cells, columns or vectors."""

from cgaudit.dataset.tables.arrays import (
    ARRAY_SUFFIXES,
    LABEL_NAMES,
    array_as_text,
    first_named,
    load_arrays,
)
from cgaudit.dataset.tables.arrow import image_bytes
from cgaudit.dataset.tables.cells import (
    Cells,
    Value,
    as_text,
    is_missing,
    is_number,
    json_as_written,
    rounded,
)
from cgaudit.dataset.tables.columns import Categories, Column, Numbers, read_columns
from cgaudit.dataset.tables.counting import all_differ, index_columns, sample_names
from cgaudit.dataset.tables.delimited import DelimitedTable
from cgaudit.dataset.tables.notation import Notation
from cgaudit.dataset.tables.numerals import Tally, canonical_number, number_in, unit_in
from cgaudit.dataset.tables.opening import TABLE_SUFFIXES, open_table
from cgaudit.dataset.tables.parquet import ParquetTable
from cgaudit.dataset.tables.roles import candidates, choose_column, choosing, fits
from cgaudit.dataset.tables.saved import (
    SAVED_MARKS,
    SAVED_NAMES,
    SAVED_SUFFIX,
    SavedDataset,
    is_saved_dataset,
)
from cgaudit.dataset.tables.sets import Form, SetCell, set_of_cell
from cgaudit.dataset.tables.table import Holding, Table
from cgaudit.dataset.tables.vectors import ragged, refuse_nonfinite

__all__ = [
    "ARRAY_SUFFIXES",
    "LABEL_NAMES",
    "SAVED_MARKS",
    "SAVED_NAMES",
    "SAVED_SUFFIX",
    "TABLE_SUFFIXES",
    "Categories",
    "Cells",
    "Column",
    "DelimitedTable",
    "Form",
    "Holding",
    "Notation",
    "Numbers",
    "ParquetTable",
    "SavedDataset",
    "SetCell",
    "Table",
    "Tally",
    "Value",
    "all_differ",
    "array_as_text",
    "as_text",
    "candidates",
    "canonical_number",
    "choose_column",
    "choosing",
    "first_named",
    "fits",
    "image_bytes",
    "index_columns",
    "is_missing",
    "is_number",
    "is_saved_dataset",
    "json_as_written",
    "load_arrays",
    "number_in",
    "open_table",
    "ragged",
    "read_columns",
    "refuse_nonfinite",
    "rounded",
    "sample_names",
    "set_of_cell",
    "unit_in",
]
