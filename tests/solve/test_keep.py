"""A kept factor: the same numbers again, and nothing taken for granted."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from solve_cases import asking, spread_rows
from where import DEVICE

from cgaudit.errors import SolveError, StaleError
from cgaudit.solve import (
    ExactSolver,
    Keeping,
    Solving,
    kept_bytes,
    load_factor,
    make_solver,
    save_factor,
)
from cgaudit.solve.keptfolder import rows_digest

N = 70

#: Turns columns of targets into rows to predict.
MIXING = torch.ones(3, 12, dtype=torch.float64, device=DEVICE)


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    return request.param


@pytest.fixture
def solver(precision):
    return ExactSolver(spread_rows(N), asking(0.1, precision), tile=16)


@pytest.fixture
def folder(solver, tmp_path):
    save_factor(solver, spread_rows(N), tmp_path / "factor")
    return tmp_path / "factor"


def load(folder, precision, rows=None, ridge=0.1):
    rows = spread_rows(N) if rows is None else rows
    return load_factor(folder, rows, asking(ridge, precision))


def test_a_loaded_factor_gives_the_same_bytes(folder, solver, precision):
    loaded, targets = load(folder, precision), spread_rows(N, 3, seed=1)
    assert torch.equal(loaded.solve(targets), solver.solve(targets))
    assert torch.equal(loaded.apply(targets), solver.apply(targets))
    assert torch.equal(loaded.inverse_diagonal(), solver.inverse_diagonal())
    assert torch.equal(
        loaded.predict(targets @ MIXING, targets),
        solver.predict(targets @ MIXING, targets),
    )
    assert loaded.info == solver.info


def test_the_size_on_disk_is_the_stated_one(folder, precision):
    size = sum(path.stat().st_size for path in folder.glob("*.bin"))
    assert size == kept_bytes(N, 16, precision)


def test_solving_leaves_the_files_alone(folder, precision):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    loaded = load(folder, precision)
    loaded.solve(spread_rows(N, 2))
    loaded.inverse_diagonal().zero_()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rows": spread_rows(N) + 1e-9}, "rows_digest"),
        ({"rows": spread_rows(N - 1)}, "rows_digest"),
        ({"ridge": 0.2}, "ridge"),
    ],
)
def test_a_factor_of_something_else_is_refused(folder, precision, changed, named):
    with pytest.raises(StaleError, match=named):
        load(folder, precision, **changed)


def test_a_factor_of_another_precision_is_refused(folder, precision):
    other = {"float32": "float64", "float64": "float32"}[precision]
    with pytest.raises(StaleError, match="another precision"):
        load(folder, other)


@pytest.mark.parametrize("name", ["factor.bin", "inverses.bin", "diagonal.bin"])
def test_a_truncated_or_missing_file_is_refused(folder, precision, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(StaleError, match="wrong size"):
        load(folder, precision)
    (folder / name).unlink()
    with pytest.raises(StaleError, match="missing"):
        load(folder, precision)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"n": 1}', "\x80"])
def test_a_header_that_is_none_is_refused(folder, precision, text):
    (folder / "header.json").write_text(text)
    with pytest.raises(StaleError, match="holds no kept factor"):
        load(folder, precision)


@pytest.mark.parametrize(("key", "value"), [("byte_order", "middle"), ("format", 99)])
def test_a_header_from_elsewhere_is_refused(folder, precision, key, value):
    header = json.loads((folder / "header.json").read_text())
    (folder / "header.json").write_text(json.dumps({**header, key: value}))
    with pytest.raises(StaleError, match=str(value)):
        load(folder, precision)


def test_sizes_in_a_header_are_checked_against_the_rows(folder, precision):
    header = json.loads((folder / "header.json").read_text())
    (folder / "header.json").write_text(json.dumps({**header, "n": N - 1}))
    with pytest.raises(StaleError):
        load(folder, precision)


def test_a_folder_of_something_else_is_never_deleted(solver, tmp_path):
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter1.txt").write_text("…")
    with pytest.raises(StaleError, match="holds no kept factor"):
        save_factor(solver, spread_rows(N), precious)
    assert (precious / "chapter1.txt").read_text() == "…"


def test_saving_again_replaces(folder, solver, precision):
    other = ExactSolver(spread_rows(N, seed=2), asking(0.1, precision), tile=16)
    save_factor(other, spread_rows(N, seed=2), folder)
    assert load(folder, precision, rows=spread_rows(N, seed=2)).n == N
    assert [path.name for path in folder.parent.iterdir()] == ["factor"]


def test_digest_tells_shape_dtype_and_bytes_apart():
    rows = torch.arange(12.0).reshape(3, 4)
    variants = [rows, rows.double(), rows.reshape(4, 3), rows + 1, rows.flip(0)]
    assert len({rows_digest(variant) for variant in variants}) == len(variants)
    assert rows_digest(rows.cpu().numpy()) == rows_digest(rows)


def test_make_solver_uses_a_kept_factor_and_keeps_a_new_one(tmp_path, monkeypatch):
    folder, rows = tmp_path / "factor", spread_rows(N).cpu().numpy().astype(np.float32)
    first = make_solver(rows, Solving(keep_factor=Keeping(folder), device=DEVICE))
    monkeypatch.setattr("cgaudit.solve.exact.factorise_", lambda *_: pytest.fail("factored again"))
    again = make_solver(rows, Solving(keep_factor=Keeping(folder), device=DEVICE))
    targets = spread_rows(N, 2)
    assert torch.equal(first.solve(targets), again.solve(targets))
    monkeypatch.undo()
    other = Solving(keep_factor=Keeping(folder), device=DEVICE, ridge=0.3)
    assert make_solver(rows, other).info.ridge == 0.3
    with pytest.raises(SolveError, match="keep_factor is for method: exact or lowrank"):
        make_solver(rows, Solving(keep_factor=Keeping(folder), device=DEVICE, method="iterative"))
    with pytest.raises(SolveError, match="for task: classification"):
        make_solver(rows, Solving(keep_factor=Keeping(folder), device=DEVICE, method="lowrank"))
