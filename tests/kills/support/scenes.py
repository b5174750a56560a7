"""What is killed: a folder as it was before, and a command that writes to it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import tutorial_data
from datarepo import DataRepo, new_repo
from dying import forked

Main = Callable[[list[str]], object]

_PARAMS = """cgaudit:
  recipe: 2
  source: {source}
  featurize: {{name: {featurizer}, options: {options}{state}}}
"""
#: Samples: so few that a stage takes no time, and a thousand of its runs little.
COUNT = 30
_PATCHES = ("patches", "{filters: 16, components: 16}")


class Scene(NamedTuple):
    """A command, and where it is run.

    Attributes
    ----------
    name
        Of the scene.
    words
        The command line.
    lay
        Lays the folder as it is before the command.
    main
        What runs the command line.
    outputs
        Paths that may be missing after a kill: the command makes them anew.
    share
        How many kills are its, in proportion to the others': the fewer the longer it takes.
    """

    name: str
    words: list[str]
    lay: Callable[[Path], None]
    main: Main
    outputs: tuple[str, ...] = ()
    share: int = 20


def cgaudit_main(words: list[str]) -> None:
    """Run cgaudit's command line in this process."""
    from cgaudit.cli import main

    main(words)


def dvc_main(words: list[str]) -> None:
    """Run DVC's command line in this process."""
    from dvc.cli import main

    raise SystemExit(main(words))


def run(folder: Path, *words: str) -> None:
    """Run cgaudit, which must succeed."""
    ended = forked(folder, list(words), cgaudit_main)
    assert ended.code == 0, ended.said


def _stages(earlier: tuple[str, ...]) -> Callable[[Path], None]:
    """Return what lays a project that was audited, then changed, and run up to a stage."""

    def lay(folder: Path) -> None:
        tutorial_data.labels_table(folder, COUNT)
        source = "{path: photos, labels: labels.csv}"
        _params(folder, source, *_PATCHES, state=", state: state.npz")
        _scores(folder)
        run(folder, "report")
        _change(folder)
        for stage in earlier:
            run(folder, *(("fit", "--force") if stage == "fit" else (stage,)))

    return lay


def _scores(folder: Path) -> None:
    run(folder, "fit", "--force")
    for stage in ("featurize", "score"):
        run(folder, stage)


def _change(folder: Path) -> None:
    """Add a picture and relabel another, so that every stage has something new to write."""
    labels = folder / "labels.csv"
    rows = labels.read_text().replace("0004.png,stripes", "0004.png,columns")
    labels.write_text(rows + "0030,0030.png,checks\n")
    (folder / "incoming/0030.png").rename(folder / "photos/0030.png")


def _params(folder: Path, source: str, featurizer: str, options: str, state: str = "") -> None:
    text = _PARAMS.format(source=source, featurizer=featurizer, options=options, state=state)
    (folder / "params.yaml").write_text(text)


def _decisions(folder: Path, ids: list[str], labels: list[str]) -> None:
    """Write decisions of all kinds on the first samples."""
    rows = []
    for number, (name, label) in enumerate(zip(ids, labels, strict=False)):
        action = ("relabel", "drop", "keep")[number % 3]
        other = next(it for it in sorted(set(labels)) if it != label)
        rows.append([name, action, other if action == "relabel" else "", label])
    with (folder / "fixes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "action", "label", "given_label"], *rows])


def _folders(folder: Path) -> None:
    tutorial_data.label_folders(folder, COUNT)
    _params(folder, "{path: photos}", *_PATCHES, state=", state: state.npz")
    _scores(folder)
    found = sorted(path.relative_to(folder / "photos") for path in folder.glob("photos/*/*.png"))
    _decisions(folder, [path.as_posix() for path in found], [path.parts[0] for path in found])


def _table(suffix: str) -> Callable[[Path], None]:
    def lay(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        numbers = range(COUNT)
        rows = [
            {"id": f"{n:04}", "text": tutorial_data.text(n), "label": tutorial_data.label_of(n)}
            for n in numbers
        ]
        forked(folder, [], lambda _: _write_table(folder / f"t{suffix}", rows))
        source = f"{{path: t{suffix}, id_column: id, text_column: text, label_column: label}}"
        _params(folder, source, "text", "{}", state=", state: state.npz")
        _scores(folder)
        _decisions(folder, [row["id"] for row in rows], [row["label"] for row in rows])

    return lay


def _write_table(file: Path, rows: list[dict[str, str]]) -> None:
    if file.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=20)
    elif file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        with file.open("w", newline="") as opened:
            writer = csv.DictWriter(opened, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _repository(folder: Path) -> None:
    repo = new_repo(folder)
    tutorial_data.label_folders(folder, COUNT)
    repo.dvc("add", "--quiet", "photos")
    repo.commit("data")


def _of_an_older_recipe(folder: Path) -> None:
    """Lay a repository that was set up with an older recipe, for data that has changed since."""
    _repository(folder)
    run(folder, "init", "--yes")
    params = folder / "params.yaml"
    params.write_text(params.read_text().replace("recipe: 2", "recipe: 1"))
    (folder / "photos/checks/0000.png").unlink()


def _pipeline(folder: Path) -> None:
    """Lay an audited repository, then change the data."""
    _repository(folder)
    run(folder, "init", "--yes")
    repo = DataRepo(folder)
    repo.dvc("repro", "--quiet")
    repo.commit("audited")
    (folder / "photos/checks/0000.png").rename(folder / "photos/columns/0000.png")
    (folder / "incoming/0030.png").rename(folder / "photos/checks/0030.png")
    repo.dvc("add", "--quiet", "photos")


SCENES = (
    Scene("fit", ["fit", "--force"], _stages(()), cgaudit_main),
    Scene("featurize", ["featurize"], _stages(("fit",)), cgaudit_main, ("reports/features",)),
    Scene("score", ["score"], _stages(("fit", "featurize")), cgaudit_main, ("reports/plots",)),
    Scene("report", ["report"], _stages(("fit", "featurize", "score")), cgaudit_main),
    Scene("apply-folders", ["apply", "fixes.csv"], _folders, cgaudit_main),
    Scene("apply-csv", ["apply", "fixes.csv"], _table(".csv"), cgaudit_main),
    Scene("apply-jsonl", ["apply", "fixes.csv"], _table(".jsonl"), cgaudit_main),
    Scene("apply-parquet", ["apply", "fixes.csv"], _table(".parquet"), cgaudit_main),
    Scene("init", ["init", "--yes", "--ci", "github"], _repository, cgaudit_main, share=8),
    Scene("upgrade", ["init", "--upgrade"], _of_an_older_recipe, cgaudit_main, share=8),
    Scene("repro", ["repro", "--quiet"], _pipeline, dvc_main, ("reports",), share=4),
)
