"""What scoring takes by size: the method, the memory and the time that are said before it starts.

    python benchmarks/plans.py

Reckoned, not measured: `cgaudit.solve.plan` for 512 features and ten classes, at the rate of two
cores. `cgaudit score --dry-run` says the same of data that is there, at the rate of its machine.
"""

from __future__ import annotations

from cgaudit.solve import Solving, as_gib, plan

ROWS = (1_000, 3_000, 10_000, 20_000, 30_000, 45_000, 50_000, 100_000, 1_000_000, 10_000_000)
FEATURES, CLASSES = 512, 10
#: A float32 matrix product on two cores of an Intel Xeon; float64 has half of it.
RATES = {"float32": 120e9, "float64": 60e9}


def main() -> None:
    print("| samples | method | memory | time | memory in float64 | time in float64 |")
    print("|---|---|---|---|---|---|")
    for n in ROWS:
        cells = [f"{n:,}"]
        for precision, rate in RATES.items():
            found = plan(n, FEATURES, CLASSES, Solving(method="auto", precision=precision))
            cells += [] if precision == "float64" else [found.method]
            other = "" if found.method in cells else f" ({found.method})"
            cells += [as_gib(found.bytes), time(found.seconds(rate)) + other]
        print(f"| {' | '.join(cells)} |")


def time(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    main()
