"""The tools themselves read what is written for them; each skips where it is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from export_data import CLASSES, PATHS, awkward_scores, contents_of
from PIL import Image

from cgaudit.export import Material, Pictures


def write(name: str, folder: Path, **material: object) -> None:
    contents = contents_of(name, Material(awkward_scores(), **material))  # type: ignore[arg-type]
    folder.mkdir(parents=True)
    for file, content in contents.items():
        (folder / file).write_bytes(content)


def pictures(folder: Path) -> Pictures:
    for path in PATHS:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6)).save(file)
    return Pictures("photos", "../photos", lambda _: (8, 6))


@pytest.mark.parametrize("kind", ["pictures", "texts"])
def test_label_studio(tmp_path: Path, kind: str) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    shown = pictures(tmp_path / "photos") if kind == "pictures" else {p: p for p in PATHS}
    write("label-studio", tmp_path / "out", **{kind: shown})
    setup = interface.LabelInterface((tmp_path / "out/interface.xml").read_text())
    setup.validate()
    for task in json.loads((tmp_path / "out/tasks.json").read_text()):
        assert setup.validate_task({"data": task["data"]})
        for prediction in task["predictions"]:
            assert setup.validate_prediction(prediction, return_errors=True) == []
        assert all(setup.validate_annotation(each) for each in task.get("annotations", []))


def test_fiftyone(tmp_path: Path) -> None:
    importers = pytest.importorskip("fiftyone.utils.data.importers")
    write("fiftyone", tmp_path / "out", pictures=pictures(tmp_path / "photos"))
    importer = importers.FiftyOneImageClassificationDatasetImporter(
        dataset_dir=str(tmp_path / "out"), data_path="data.json"
    )
    importer.setup()
    found = {path: label for path, _, label in importer}
    assert set(found) == {str(tmp_path / "photos" / path) for path in PATHS}
    label = found[str(tmp_path / "photos" / PATHS[1])]
    assert (label.label, label.confidence) == ("=cmd()", 0.1)
    assert (label.predicted_label, label.is_label_issue) == ("dog, big", True)
    assert found[str(tmp_path / "photos" / PATHS[2])] is None


def test_cvat(tmp_path: Path) -> None:
    """Through Datumaro, which wants the pictures beside the annotations; CVAT has them already."""
    datumaro = pytest.importorskip("datumaro")
    write("cvat", tmp_path / "out", pictures=pictures(tmp_path / "photos"))
    (tmp_path / "out/images").symlink_to(tmp_path / "photos")
    dataset = datumaro.Dataset.import_from(str(tmp_path / "out"), "cvat")
    names = [item.name for item in dataset.categories()[datumaro.AnnotationType.label]]
    assert names == sorted(CLASSES)
    found = {item.id: item.annotations for item in dataset}
    assert set(found) == {path.removesuffix(".png") for path in PATHS}
    (label,) = found[PATHS[1].removesuffix(".png")]
    assert names[label.label] == "=cmd()"
    assert label.attributes["suggested_label"] == "dog, big"
    assert found[PATHS[2].removesuffix(".png")] == []
