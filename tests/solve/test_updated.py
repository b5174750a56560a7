"""The system of rows of which a few are not those of a kept factor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from solve_cases import asking, dense_system, spread_rows

from cgaudit import score_labels, solve
from cgaudit.errors import StaleError
from cgaudit.numerics.contents import row_digests
from cgaudit.solve import ExactSolver, make_solver, save_factor, update_factor
from cgaudit.solve.updated import Changes, UpdatedSolver

N = 200
CPU = {"precision": "float64", "ridge": 0.1}


def asked(**options):
    return asking(**{**CPU, **options})


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setattr("solve_cases.DEVICE", "cpu")


def rows_of(n, seed=0):
    return spread_rows(n, seed=seed).cpu()


def changed(removed, added, seed=3):
    """Rows of which some went and some came, in another order."""
    rows = torch.cat([rows_of(N)[removed:], rows_of(added, seed=9)])
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    return rows[order]


@pytest.fixture
def folder(tmp_path):
    save_factor(ExactSolver(rows_of(N), asked(), tile=16), rows_of(N), tmp_path / "kept")
    return tmp_path / "kept"


@pytest.mark.parametrize(("removed", "added"), [(0, 1), (1, 0), (5, 7), (3, 3), (11, 0)])
def test_it_is_the_system_of_the_rows_now(folder, removed, added):
    rows = changed(removed, added)
    solver, dense = update_factor(folder, rows, asked()), dense_system(rows, 0.1)
    assert isinstance(solver, UpdatedSolver)
    assert (solver.n, solver.info.method, solver.info.ridge) == (len(rows), "exact", 0.1)
    targets = rows_of(len(rows), seed=1)[:, :5]
    expected = torch.linalg.solve(dense, targets)
    torch.testing.assert_close(solver.solve(targets), expected, atol=1e-11, rtol=1e-11)
    torch.testing.assert_close(solver.apply(targets), dense @ targets, atol=1e-11, rtol=1e-11)
    diagonal = torch.linalg.inv(dense).diagonal()
    torch.testing.assert_close(solver.inverse_diagonal(), diagonal, atol=1e-11, rtol=1e-11)
    other = rows_of(6, seed=4)
    exact = ExactSolver(rows, asked())
    torch.testing.assert_close(solver.predict(other, targets), exact.predict(other, targets))


def test_rows_that_hold_the_same_are_counted(tmp_path):
    rows = rows_of(N)
    rows[10], rows[20], rows[30] = rows[5], rows[5], 0
    save_factor(ExactSolver(rows, asked(), tile=16), rows, tmp_path / "kept")
    now = torch.cat([rows[:20], rows[21:], rows[30:31], rows[7:8]])
    changes = Changes.between(row_digests(rows), row_digests(now))
    assert (len(changes.before), len(changes.removed), len(changes.added)) == (N - 1, 1, 2)
    solver, exact = update_factor(tmp_path / "kept", now, asked()), ExactSolver(now, asked())
    diagonals = solver.inverse_diagonal(), exact.inverse_diagonal()
    torch.testing.assert_close(*diagonals, atol=1e-11, rtol=1e-11)


def test_many_changes_another_precision_or_ridge_are_factored_anew(folder, monkeypatch):
    for rows in (changed(13, 0), changed(0, 14), rows_of(N, seed=8)):
        with pytest.raises(StaleError, match=r"other rows and\s+without"):
            update_factor(folder, rows, asked())
        assert isinstance(make_solver(rows, asked(method="exact")), ExactSolver)
    with pytest.raises(StaleError, match="another precision"):
        update_factor(folder, changed(1, 1), asked(precision="float32"))
    with pytest.raises(StaleError, match="another ridge"):
        update_factor(folder, changed(1, 1), asked(ridge=0.2))
    (folder / "digests.bin").write_bytes(bytes(16 * N))
    with pytest.raises(StaleError, match=r"digests\.bin is missing or damaged"):
        update_factor(folder, changed(1, 1), asked())


def test_a_factor_in_float32_is_not_updated(tmp_path):
    asked32 = asked(precision="float32")
    save_factor(ExactSolver(rows_of(N), asked32, tile=16), rows_of(N), tmp_path / "kept")
    with pytest.raises(StaleError, match="for its own rows alone"):
        update_factor(tmp_path / "kept", changed(1, 1), asked32)


@pytest.mark.parametrize("likelihood", ["gaussian", "both"])
def test_scores_are_the_bytes_of_a_factorisation(tmp_path, monkeypatch, likelihood):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 400)
    features = rng.normal(size=(400, 10)) + np.eye(3, 10)[labels] * 3
    labels = np.where(rng.random(400) < 0.1, 0, labels).astype(object)
    labels[7] = None
    options = {**CPU, "method": "exact", "device": "cpu", "likelihood": likelihood}
    kept = {**options, "keep_factor": tmp_path / "kept"}
    score_labels(features[:380], labels[:380], **kept)
    now = rng.permutation(np.arange(8, 395))
    expected = score_labels(features[now], labels[now], **options)
    monkeypatch.setattr(solve, "ExactSolver", None)
    found = score_labels(features[now], labels[now], **kept)
    tables = [it.table(now) for it in (found, expected)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    # The factor stays that of the first rows, and serves others.
    now = now[:-1]
    again = score_labels(features[now], labels[now], **kept)
    monkeypatch.undo()
    anew = score_labels(features[now], labels[now], **options)
    pd.testing.assert_frame_equal(again.table(now), anew.table(now), check_exact=True)
