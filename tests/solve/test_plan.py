"""The plan: what is chosen, what is refused, and whether the memory stated is the memory used."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from solve_cases import spread_rows

from cgaudit.errors import SolveError
from cgaudit.solve import (
    DEFAULT_MEMORY_LIMIT,
    Device,
    ExactSolver,
    IterativeSolver,
    LowRankSolver,
    Plan,
    Solving,
    calibrate,
    expected_seconds,
    make_solver,
    plan,
    resolve_device,
)

GIB = 2**30
CPU, GPU = Device("cpu"), Device("cuda")


def planned(n: int, d: int, n_classes: int, device: Device = CPU, **options: object) -> Plan:
    return plan(n, d, n_classes, Solving(**{"method": "auto", **options}), device)


@pytest.mark.parametrize(
    ("n", "limit", "method"),
    [
        (1_000, None, "exact"),
        (20_000, None, "exact"),
        (20_001, None, "iterative"),
        (20_000, GIB, "lowrank"),
        (50_000, None, "iterative"),
        (60_000, None, "lowrank"),
        (1_000_000, None, "lowrank"),
    ],
)
def test_auto_goes_by_size_and_limit(n, limit, method):
    chosen = planned(n, 512, 10, memory_limit=limit)
    assert chosen.method == method
    assert chosen.bytes <= (limit or DEFAULT_MEMORY_LIMIT)
    assert chosen.reason


@pytest.mark.parametrize("n", [500, 20_000, 30_000, 200_000])
def test_a_gpu_does_not_change_the_method(n):
    on_cpu, on_gpu = planned(n, 512, 10), planned(n, 512, 10, GPU)
    assert (on_cpu.method, on_cpu.landmarks) == (on_gpu.method, on_gpu.landmarks)
    assert on_gpu.tile >= on_cpu.tile


def test_a_matrix_larger_than_the_gpu_is_streamed_through_it():
    asked = {"method": "exact", "memory_limit": 100 * GIB}
    fits = planned(100_000, 512, 10, Device("cuda", 80 * GIB), **asked)
    assert (fits.streamed_bytes, fits.device_bytes) == (0, fits.bytes)
    small = Device("cuda", 24 * GIB)
    streamed = planned(100_000, 512, 10, small, **asked)
    assert streamed.streamed_bytes == 4 * 100_000**2
    assert streamed.device_bytes < 12 * GIB
    assert streamed.method == fits.method
    with pytest.raises(SolveError, match=r"memory limit of 30\.0 GiB"):
        planned(100_000, 512, 10, small, **{**asked, "memory_limit": 30 * GIB})


def test_planning_knows_nothing_of_the_machine():
    source = inspect.getsource(inspect.getmodule(plan))
    planning = source[: source.index("def calibrate")]
    assert not any(word in planning for word in ("mem_get_info", "psutil", "sysconf", "cpu_count"))


def test_exact_costs_what_the_design_says():
    chosen = planned(50_000, 2048, 10, method="exact", memory_limit=12 * GIB)
    assert 1.0 < chosen.bytes / (4 * 50_000**2) < 1.25
    assert chosen.flop == pytest.approx(50_000**2 * 2048 + 2 * 50_000**3 / 3, rel=0.01)
    assert chosen.seconds(1e11) == pytest.approx(chosen.flop / 1e11)


def test_double_precision_takes_double_memory():
    single = planned(10_000, 64, 10, method="exact")
    double = planned(10_000, 64, 10, method="exact", precision="float64")
    assert 1.9 < double.bytes / single.bytes < 2.0


def test_lowrank_keeps_features_only_where_they_fit():
    assert planned(50_000, 512, 10, method="lowrank").keep
    large = planned(2_000_000, 512, 10, method="lowrank")
    assert not large.keep
    assert large.bytes < GIB


def test_lowrank_costs_grow_with_the_rows_not_their_square():
    one, ten = (planned(n, 512, 10, method="lowrank", memory_limit=2 * GIB) for n in (10**6, 10**7))
    assert ten.flop / one.flop == pytest.approx(10, rel=1e-6)


def test_many_classes_are_never_a_dense_matrix():
    few, many = planned(20_000, 64, 300), planned(20_000, 64, 10_000)
    assert many.bytes == few.bytes


def test_a_basis_is_no_larger_than_the_data():
    assert planned(100, 8, 2, method="lowrank").landmarks == 100
    assert planned(100, 8, 2, method="iterative").landmarks == 100


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ({"method": "exact"}, ["method: iterative (landmarks: 4096", "method: lowrank"]),
        ({"method": "exact", "memory_limit": 3 * GIB}, ["method: lowrank (landmarks: 2048"]),
        ({"method": "lowrank", "landmarks": 50_000}, ["method: lowrank (landmarks: 2048"]),
        ({"memory_limit": GIB // 100}, ["No method fits"]),
    ],
)
def test_a_plan_over_the_limit_is_refused_and_says_what_fits(asked, offered):
    with pytest.raises(
        SolveError, match=r"more than the memory limit of .*raise memory_limit to"
    ) as caught:
        planned(100_000, 512, 10, **asked)
    assert all(text in str(caught.value) for text in offered)


def test_float32_is_offered_where_it_helps():
    with pytest.raises(SolveError, match="precision: float32"):
        planned(40_000, 64, 10, method="exact", precision="float64")


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("auto", ExactSolver),
        ("exact", ExactSolver),
        ("iterative", IterativeSolver),
        ("lowrank", LowRankSolver),
    ],
)
def test_make_solver_makes_what_was_planned(method, kind):
    solver = make_solver(
        spread_rows(60), Solving(method=method, device="cpu", landmarks=20, seed=5)
    )
    assert type(solver) is kind
    assert solver.info.seed == (0 if kind is ExactSolver else 5)


def test_make_solver_refuses_before_it_allocates():
    class Untouchable:
        shape = (100_000, 512)

        def __getitem__(self, rows: slice) -> object:
            pytest.fail("rows were read")

    with pytest.raises(SolveError, match="memory limit"):
        make_solver(Untouchable(), Solving(method="exact", device="cpu"))


def test_sampled_is_not_an_operator():
    with pytest.raises(SolveError, match="sampled_scores"):
        make_solver(spread_rows(60), Solving(method="sampled", device="cpu"))


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "", "meta"])
def test_devices_that_are_not_there_are_named(name):
    with pytest.raises(SolveError, match="device"):
        resolve_device(name)


def test_device_auto_is_cuda_where_there_is_one():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert resolve_device("auto").type == expected


def test_calibration_measures_a_plausible_rate():
    assert 1e8 < calibrate("cpu") < 1e16


def test_a_machine_is_not_measured_for_what_takes_no_time(monkeypatch):
    measured = []
    module = inspect.getmodule(plan)
    monkeypatch.setattr(module, "calibrate", lambda *where: measured.append(where) or 1e9)
    assert expected_seconds(planned(500, 100, 3, method="exact")) == 0
    assert measured == []
    large = planned(20_000, 100, 3, method="exact", precision="float64")
    assert expected_seconds(large) == large.flop / 1e9
    assert measured == [("auto", "float64")]


_MEASURE = """
import re, sys, torch
from cgaudit.solve import Solving, make_solver, plan

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024

method, n, d, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
make_solver(torch.randn(600, d), Solving(method, device="cpu")).inverse_diagonal()
rows, targets = torch.randn(n, d), torch.randn(n, 10)
before = peak()
solving = Solving(method, device="cpu", memory_limit=limit)
solver = make_solver(rows, solving)
solver.inverse_diagonal()
solver.solve(targets)
print(peak() - before, plan(n, d, 10, solving).bytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("method", "n", "limit"),
    [
        ("exact", 6000, GIB),
        ("iterative", 5000, GIB),
        ("iterative", 5000, 2**28),
        ("lowrank", 12_000, GIB),
        ("lowrank", 12_000, 3 * 2**27),
    ],
)
def test_memory_used_is_at_most_the_memory_stated(method, n, limit):
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, method, str(n), "64", str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    used, stated = map(int, run.stdout.split())
    assert stated / 3 < used < 1.1 * stated
