"""A table that a merge left in conflict is said to be that, not to lack quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cgaudit.dataset import open_table
from cgaudit.errors import TableError

BEGIN, MIDDLE, END = "<<<<<<< HEAD", "=======", ">>>>>>> other"
CONFLICTS = {
    "labels.csv": ("id,image,label", "1,1.png,cat", "1,1.png,dog"),
    "one column.csv": ("text", "cat", "dog"),
    "tabs.tsv": ("id\tlabel", "1\tcat", "1\tdog"),
    "rows.jsonl": ('{"id": 0}', '{"id": 1, "label": "cat"}', '{"id": 1, "label": "dog"}'),
}


@pytest.mark.parametrize("name", CONFLICTS)
@pytest.mark.parametrize("in_header", [False, True])
def test_the_conflict_is_named_and_mended_as_said(
    tmp_path: Path, name: str, in_header: bool
) -> None:
    header, ours, theirs = CONFLICTS[name]
    conflict = [BEGIN, ours, MIDDLE, theirs, END]
    lines = [*conflict, ours] if in_header else [header, *conflict]
    (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(TableError, match=r"line [12]: the conflict markers of a merge") as caught:
        open_table(tmp_path / name)
    assert "Quote fields" not in str(caught.value)
    (tmp_path / name).write_text(f"{header}\n{theirs}\n")
    assert len(open_table(tmp_path / name)) in (1, 2)


def test_a_cell_that_holds_one_is_data(tmp_path: Path) -> None:
    file = tmp_path / "diffs.csv"
    file.write_text('id,text\n1,"a\n<<<<<<< HEAD\nb\n"\n2,"<<<<<<< HEAD"\n')
    assert list(open_table(file).rows(["id"])) == [("1",), ("2",)]
