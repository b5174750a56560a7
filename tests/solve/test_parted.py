"""The low-rank solver in parts: the operator's figures, whatever the parts and the threads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from solve_cases import asking, leave_one_out, spread_rows
from tolerances import SOLVE, relative_error
from where import DEVICE

from cgaudit.executor import Inline, Serial
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import gathered, keys_of, row_digests
from cgaudit.solve import FactorisationError, LowRankSolver, solve_in_parts
from cgaudit.solve.prior import Prior
from cgaudit.solve.sums import LabelledRows, Sums, grain_of, sums_of

CLASSES = 4
ASKED = {"ridge": 0.1, "landmarks": 60}


@pytest.fixture(scope="module")
def rows():
    return spread_rows(700).cpu().numpy()


@pytest.fixture(scope="module")
def codes():
    return np.random.default_rng(0).integers(CLASSES, size=700)


def solved(rows, codes, step=700, executor=None, **options):
    spans = [(start, min(len(rows), start + step)) for start in range(0, len(rows), step)]
    asked = asking(**{"precision": "float64", **ASKED, **options})
    keys = keys_of(row_digests(rows), asked.seed)
    place = executor or Inline()
    found = solve_in_parts(rows, codes, keys, CLASSES, asked, spans, place)
    return found, torch.cat([part.values for part in found.figures])


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("step", [700, 64])
def test_figures_are_those_of_the_operator(rows, codes, precision, step):
    found, values = solved(rows, codes, step, precision=precision)
    solver = LowRankSolver(rows, asking(precision=precision, **ASKED))
    given = torch.from_numpy(codes).to(DEVICE)
    expected = leave_one_out(solver, given)
    limit = SOLVE[values.dtype]
    assert relative_error(values, expected) < limit
    targets = torch.nn.functional.one_hot(given).double() * 2 - 1
    alpha = solver.solve(targets).double()
    assert relative_error(found.class_complexity, (alpha * targets).sum(0)) < limit
    own = alpha.gather(1, given[:, None])[:, 0] ** 2 / solver.inverse_diagonal()
    assert relative_error(torch.cat([part.cg_score for part in found.figures]), own) < 10 * limit
    own = expected.gather(1, given[:, None])[:, 0]
    assert relative_error(torch.cat([part.given for part in found.figures]), own) < limit
    assert found.info == solver.info


def test_rows_without_a_label_are_predicted_and_teach_nothing(rows, codes):
    partly = codes.copy()
    partly[::9] = UNLABELLED
    found, values = solved(rows, partly, 64)
    labelled = partly != UNLABELLED
    alone, expected = solved(rows[labelled], partly[labelled])
    assert relative_error(values[torch.from_numpy(labelled)], expected) < SOLVE[torch.float64]
    assert sum(len(part.given) for part in found.figures) == labelled.sum()
    solver = alone.solver(keep_features=True)
    given = torch.from_numpy(partly[labelled]).to(DEVICE)
    alpha = solver.solve(torch.nn.functional.one_hot(given).double() * 2 - 1)
    others = solver.predict(rows[~labelled], alpha)
    assert relative_error(values[torch.from_numpy(~labelled)], others) < SOLVE[torch.float64]


def test_the_operator_made_of_the_sums_is_the_same(rows, codes):
    found, _ = solved(rows, codes, 64)
    targets = spread_rows(700, 2, seed=1)
    expected = LowRankSolver(rows, asking(precision="float64", **ASKED))
    for keep in (True, False):
        again = found.solver(keep_features=keep)
        assert relative_error(again.solve(targets), expected.solve(targets)) < 1e-10
        diagonal = again.inverse_diagonal(), expected.inverse_diagonal()
        assert relative_error(*diagonal) < 1e-10


@pytest.mark.skipif(DEVICE != "cpu", reason="threads are the CPU's")
def test_threads_move_no_byte(rows, codes):
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            found.append(solved(rows, codes, 64, Serial(), precision="float32"))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    (one, values), *others = found
    for other, same in others:
        assert torch.equal(same, values)
        assert torch.equal(other.class_complexity, one.class_complexity)


def test_sums_of_parts_are_the_sums_of_the_whole(rows, codes):
    asked = asking(precision="float64", **ASKED)
    prior = Prior.of(rows, keys_of(row_digests(rows), 0), asked)

    def sums(start, stop):
        part = LabelledRows(np.arange(start, stop), codes[start:stop])
        return sums_of(part, rows, prior, CLASSES, grain_of(prior, 700))

    whole, parts = sums(0, 700), sums(0, 300).added(sums(300, 700))
    for name in ("capacitance", "precision", "targets"):
        assert relative_error(getattr(parts, name), getattr(whole, name)) < 1e-12
    assert Sums.none(60, CLASSES, 40, torch.device("cpu")).capacitance.dtype == torch.float64


def test_rows_through_an_index_are_read_where_they_lie(rows, codes, tmp_path):
    order = np.random.default_rng(1).permutation(len(rows))
    np.save(tmp_path / "rows.npy", rows)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    _, expected = solved(rows[order], codes, 64)
    _, found = solved(gathered(mapped, order), codes, 64)
    assert torch.equal(found, expected)


def test_nan_that_gets_this_far_is_named(rows, codes):
    spoilt = rows.copy()
    spoilt[3, 3] = np.nan
    with pytest.raises(FactorisationError, match="NaN or infinite"):
        solved(spoilt, codes, 64, Serial())


def test_progress_only_grows_and_ends_at_the_total(rows, codes):
    seen = []
    asked = asking(precision="float64", **ASKED)
    spans = [(0, 300), (300, 700)]
    keys = keys_of(row_digests(rows), 0)
    solve_in_parts(
        *(rows, codes, keys, CLASSES, asked, spans, Serial()),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == pytest.approx(seen[-1][1])
