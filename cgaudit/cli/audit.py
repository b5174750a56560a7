"""``cgaudit audit``: all of it on any labelled data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cgaudit.cli.console import progress_bar, say, say_json, tell, tell_one
from cgaudit.cli.place import on
from cgaudit.project import AUDIT, Outputs


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--labels", help="Table of labels (CSV, TSV, Parquet, JSONL) or .npy; annotations of "
              "boxes (COCO, CVAT or Pascal VOC, YOLO).")  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=AUDIT,
    show_default=True, help="Folder to write to.",
)  # fmt: skip
@click.option("--kind", help="images, text, table, features or boxes; inferred if not given.")
@click.option("--id-column", help="Column of sample ids; guessed if not given.")
@click.option("--label-column", help="Column of labels; guessed if not given.")
@click.option("--label-separator", help="Between several labels in a cell, such as ';'.")
@click.option("--image-column", help="Column of image paths; guessed if not given.")
@click.option("--text-column", help="Column of texts; guessed if not given.")
@click.option("--embedding-column", help="Column of given vectors; guessed if not given.")
@click.option("--feature-column", "feature_columns", multiple=True,
              help="Column of a table to use; may be repeated. All if not given.")  # fmt: skip
@click.option(
    "--grey-bits", type=int, help="Bits that 16-bit grey has, 8 to 16; guessed if not given."
)
@click.option(
    "--box-margin", type=float, help="Cut out around a box, of its longer side. [default: 0.1]"
)
@click.option("--split-column", help="Column of splits (train, test).")
@click.option("--split-folders/--no-split-folders", default=None,
              help="Whether the first folders are splits; guessed if not given.")  # fmt: skip
@click.option("--featurizer", default="auto", show_default=True, help="Name of the featurizer.")
@click.option("--task", help="classification; regression where labels are numbers that measure "
              "something; multilabel where a sample has several. "
              "[default: classification]")  # fmt: skip
@click.option("--method", default="auto", show_default=True, help="How to solve the kernel system.")
@click.option("--ridge", default="auto", show_default=True,
              help="λ of H + λI; 0 is the paper's score, auto chooses by the labels.")  # fmt: skip
@click.option("--likelihood", help="gaussian, softmax or both. [default: both]")
@click.option("--precision", help="float32 or float64. [default: float32]")
@click.option("--device", help="auto, cpu or cuda. [default: auto]")
@click.option("--memory-limit", help="What scoring may take at most, such as 8GB.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of every random choice.")
@click.option("--on-error", type=click.Choice(["skip", "fail"]), default="skip", show_default=True,
              help="What to do with samples that cannot be used.")  # fmt: skip
@click.option("--outliers/--no-outliers", default=None,
              help="Find outliers and near-duplicates. [default: if scoring is exact]")  # fmt: skip
@click.option("--outlier-threshold", type=float,
              help="Interquartile ranges above the upper quartile. [default: 1.5]")  # fmt: skip
@click.option("--near-duplicate-threshold", type=float,
              help="Share of the median nearest distance, 0 to 1. [default: 0.4]")  # fmt: skip
@click.option("--title", help="Heading of the report.")
@click.option("--samples", type=int, help="Samples shown in the report. [default: 300]")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@on
def audit(source: Path, out: Path, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Audit the labels of SOURCE: a folder of images, a table, or a file of features.

    The label of an image is the first folder below SOURCE that it lies in, or what a table of
    labels says. A table (CSV, TSV, Parquet, JSONL) holds texts, numbers and categories, vectors or
    image bytes, and their labels. Boxes in pictures are read from COCO's JSON, the XML of CVAT or
    Pascal VOC, or YOLO's text files. Writes index.html, scores.parquet, summary.json and
    skipped.csv to the --out folder, and prints a summary.
    """
    from cgaudit.executor import chosen
    from cgaudit.pages.audit import audit_text
    from cgaudit.verbs.audit import audit as run

    # A cluster that is not there is told of before anything is featurized.
    chosen()
    params = _params(source, options)
    with progress_bar("featurize") as features, progress_bar("score") as scores:
        bars = {"featurize": features, "score": scores}
        found = run(params, out, bars, announce=tell_one)
    tell(found.notes)
    outputs = Outputs(out)
    if as_json:
        say_json({**found.metrics.as_json(), "report": str(outputs.page)}, indent=None)
    else:
        say(audit_text(found, outputs))


def _params(source: Path, options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported late
    from cgaudit.paramsfile import parse_params

    def given(*names: str) -> dict[str, Any]:
        return {name: options[name] for name in names if options[name] is not None}

    columns = given(
        "labels", "kind", "id_column", "label_column", "label_separator", "image_column",
        "text_column", "embedding_column", "split_column", "on_error", "grey_bits",
        "split_folders", "box_margin",
    )  # fmt: skip
    if options["feature_columns"]:
        columns["feature_columns"] = list(options["feature_columns"])
    how = given(
        "task", "method", "ridge", "likelihood", "precision", "device", "memory_limit", "seed",
        "outliers", "outlier_threshold", "near_duplicate_threshold",
    )  # fmt: skip
    title = options["title"] or f"Label audit: {Path(os.path.realpath(source)).name}"
    section = {
        "source": {"path": str(source), **columns},
        "featurize": {"name": options["featurizer"], "seed": options["seed"]},
        "score": how,
        "report": {"title": title, **given("samples")},
    }
    return parse_params(section, where="audit")
