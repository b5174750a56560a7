"""The distributions: complete, well described, and at work in an environment of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from datarepo import ENVIRONMENT
from places import ROOT
from tutorial_data import label_folders

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has of the repository: nothing that lies about here can end in a distribution."""
    folder = tmp_path_factory.mktemp("source")
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made from the sdist."""
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, source, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


def test_it_is_described_as_an_index_wants_it(wheel: Path) -> None:
    pytest.importorskip("twine")
    distributions = sorted(wheel.parent.iterdir())
    assert [file.suffix for file in distributions] == [".whl", ".gz"]
    run(sys.executable, "-m", "twine", "check", "--strict", *distributions, cwd=wheel.parent)


def test_every_file_of_the_package_is_in_it(wheel: Path, source: Path) -> None:
    files = (path for path in (source / "cgaudit").rglob("*") if path.is_file())
    wanted = {str(path.relative_to(source)) for path in files if path.suffix != ".md"}
    held = set(zipfile.ZipFile(wheel).namelist())
    assert wanted - held == set()
    others = {name for name in held if not name.startswith("cgaudit/")}
    assert any(name.endswith("/licenses/LICENSE") for name in others)
    assert all(name.split("/")[0].endswith(".dist-info") for name in others)


def test_it_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python, programs = home / "bin" / "python", home / "bin"
    pins = ("-c", ROOT / "constraints.txt")
    run(python, "-m", "pip", "install", "--quiet", *pins, wheel, cwd=tmp_path)
    where = run(python, "-I", "-c", "import cgaudit; print(cgaudit.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(home)

    data = tmp_path / "data"
    data.mkdir()
    label_folders(data)
    summary = json.loads(run(programs / "cgaudit", "audit", "photos", "--json", cwd=data))
    assert summary["n_samples"] == 90
    assert (data / "cgaudit-report" / "index.html").stat().st_size > 100_000
    fixes = [{"id": "stripes/0004.png", "action": "relabel", "label": "columns"}]
    (data / "fixes.json").write_text(json.dumps(fixes))
    run(programs / "cgaudit", "apply", "fixes.json", "--audit", "cgaudit-report", cwd=data)
    assert (data / "photos" / "columns" / "0004.png").exists()

    run("git", "init", "-q", cwd=data)
    for words in (("dvc", "init", "-q"), ("dvc", "add", "-q", "photos")):
        run(programs / words[0], *words[1:], cwd=data)
    package = f"cgaudit @ {wheel.as_uri()}"
    run(programs / "cgaudit", "init", "--yes", "--ci", "github", "--install", package, cwd=data)
    assert (data / ".github" / "workflows" / "cgaudit.yml").exists()
