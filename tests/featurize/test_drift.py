"""When the data has drifted so far from the frozen state that a new one pays."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_digits

from cgaudit.dataset import open_source
from cgaudit.featurize import (
    covered_at_fit,
    covered_now,
    create_featurizer,
    drift_note,
    fit_featurizer,
    load_state,
    save_state,
)
from cgaudit.params import Params, SourceParams
from cgaudit.project import Project
from cgaudit.verbs.featurize import featurize
from cgaudit.verbs.fit import fit

SMALL = {"filters": 16, "components": 24}

HERE = Project(Path())


def write_pictures(root, arrays):
    root.mkdir(parents=True)
    for i, pixels in enumerate(arrays):
        Image.fromarray(pixels).save(root / f"{i:04}.png")
    return root


def digits(count, first=0):
    images = load_digits().images[first : first + count]
    return [np.round(image * 15.9).astype(np.uint8).repeat(3, 0).repeat(3, 1) for image in images]


def landscapes(count, colour=False):
    """Smooth noise, which no stroke of a digit describes."""
    rng = np.random.default_rng(0)
    walks = rng.normal(0, 12, (count, 24, 24, 3)).cumsum(axis=1).cumsum(axis=2)
    values = np.clip(walks + 128, 0, 255).astype(np.uint8)
    return list(values if colour else values[..., 0])


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def shares(old, new, name, options=None):
    """Return what a state fitted on one source covers at the fit, and of another source."""
    featurizer = create_featurizer(name, options, kind=old.kind)
    samples, _ = old.samples()
    fit_featurizer(old, featurizer, samples)
    then = covered_at_fit(old, featurizer, samples)
    return then, covered_now(new, featurizer, new.samples()[0])


# --- pictures ---


@pytest.fixture(scope="module")
def strokes(tmp_path_factory):
    return opened(write_pictures(tmp_path_factory.mktemp("d") / "old", digits(200)))


def test_other_pictures_of_the_same_kind_are_no_drift(strokes, tmp_path):
    new = opened(write_pictures(tmp_path / "new", digits(200, first=200)))
    then, now = shares(strokes, new, "patches", SMALL)
    assert 0.5 < then < now + 0.1 <= 1.1, (then, now)
    assert drift_note(then, now) is None


def test_pictures_of_another_kind_are(strokes, tmp_path):
    new = opened(write_pictures(tmp_path / "new", landscapes(80)))
    then, now = shares(strokes, new, "patches", SMALL)
    note = drift_note(then, now)
    assert f"covers {max(now, 0):.0%} of it, {then:.0%} at the fit" in note
    assert "cgaudit fit --force" in note


@pytest.mark.parametrize("name", ["patches", "pixels"])
def test_colour_is_lost_to_a_state_of_grey_pictures(strokes, tmp_path, name):
    new = opened(write_pictures(tmp_path / "new", landscapes(40, colour=True)))
    then, now = shares(strokes, new, name, SMALL if name == "patches" else None)
    assert now < 0.05
    assert drift_note(then, now)


def test_the_share_is_the_residual_after_projection(strokes):
    """A slow twin: directions and expected energy recovered from the fit data itself."""
    featurizer = create_featurizer("patches", SMALL)
    fit_featurizer(strokes, featurizer, strokes.samples()[0])
    images = [strokes.picture(path) for path in strokes.samples()[0]["path"][:5]]
    for image in images:
        residual, expected = 0.0, 0
        for part, columns in featurizer._blocks([featurizer.prepare(image)]):
            z = (columns[0].numpy().astype(float) - part.centre) * part.scale
            basis, _ = np.linalg.qr(part.projection.astype(float))
            left = z - basis @ (basis.T @ z)
            residual += left @ left
            expected += np.count_nonzero(part.scale)
        assert featurizer.covered(image) == pytest.approx(1 - residual / expected, abs=1e-4)


# --- texts ---


TOPICS = {
    "old": ["card", "payment", "refund", "transfer", "account", "balance", "pin", "fee", "limit"],
    "new": ["galaxy", "quasar", "nebula", "orbit", "comet", "photon", "lens", "redshift", "moon"],
}


def sentences(path, topic, seed):
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(TOPICS[topic], 7)) for _ in range(120)]
    pd.DataFrame({"text": texts, "label": ["a", "b"] * 60}).to_csv(path, index=False)
    return opened(path, text_column="text")


def test_texts(tmp_path):
    old = sentences(tmp_path / "old.csv", "old", 0)
    then, now = shares(old, sentences(tmp_path / "same.csv", "old", 1), "text")
    assert drift_note(then, now) is None
    then, now = shares(old, sentences(tmp_path / "new.csv", "new", 1), "text")
    assert now < 0.5 * then
    assert drift_note(then, now)


# --- tables ---


def measurements(path, rows, change=lambda values: values):
    frame = load_breast_cancer(as_frame=True).frame.iloc[rows]
    features = change(frame.drop(columns="target"))
    features.assign(label=frame["target"]).to_csv(path, index=False)
    return opened(path)


def test_tables(tmp_path):
    old = measurements(tmp_path / "old.csv", slice(0, 569, 2))
    same = measurements(tmp_path / "same.csv", slice(1, 569, 2))
    then, now = shares(old, same, "tabular")
    assert then > 0.98
    assert drift_note(then, now) is None
    metres = measurements(tmp_path / "m.csv", slice(1, 569, 2), lambda values: values * 1000)
    then, now = shares(old, metres, "tabular")
    assert now < 0.1
    assert drift_note(then, now)


def test_what_a_cell_may_lose(tmp_path):
    rows = {
        "x": [float(i * 7 % 20) / 2 for i in range(20)],
        "same": ["7"] * 20,
        "town": ["Rome", "Oslo"] * 10,
        "gap": ["1", ""] * 10,
    }
    frame = pd.DataFrame({**rows, "label": ["a", "b"] * 10})
    frame.to_csv(tmp_path / "t.csv", index=False)
    source = opened(tmp_path / "t.csv")
    featurizer = create_featurizer("tabular")
    fit_featurizer(source, featurizer, source.samples()[0])
    known = {"x": "1.5", "same": "7", "town": "Oslo", "gap": None}
    assert featurizer.covered(known) == 1
    for lost in ({"x": "999"}, {"x": None}, {"same": "8"}, {"town": "Bern"}, {"town": None}):
        assert featurizer.covered({**known, **lost}) == 0.75


# --- kept with the state, told by the stage ---


def test_the_share_is_kept_with_the_state_and_changes_no_fingerprint(strokes, tmp_path):
    featurizer = create_featurizer("patches", SMALL)
    samples, _ = strokes.samples()
    fit_featurizer(strokes, featurizer, samples)
    save_state(featurizer, tmp_path / "plain.npz", 1)
    before = featurizer.fingerprint(1)
    featurizer.covered_at_fit = covered_at_fit(strokes, featurizer, samples)
    assert featurizer.fingerprint(1) == before
    save_state(featurizer, tmp_path / "measured.npz", 1)
    for name, share in (("plain", None), ("measured", featurizer.covered_at_fit)):
        other = create_featurizer("patches", SMALL)
        load_state(other, tmp_path / f"{name}.npz", 1)
        assert other.covered_at_fit == share
        assert other.fingerprint(1) == before


@pytest.mark.parametrize(
    ("then", "now"), [(None, 0.1), (0.9, None), (-0.1, -0.9), (0.8, 0.61), (0.8, 0.9)]
)
def test_no_note(then, now):
    assert drift_note(then, now) is None


def test_too_few_samples_are_not_measured(tmp_path):
    few = opened(write_pictures(tmp_path / "few", digits(10)))
    featurizer = create_featurizer("patches", SMALL)
    assert covered_at_fit(few, featurizer, few.samples()[0]) is None


def test_featurize_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    section = {
        "source": {"path": "images"},
        "featurize": {"name": "patches", "state": "state.npz", "options": SMALL},
    }
    params = Params.model_validate(section)
    write_pictures(tmp_path / "images", digits(120))
    fit(HERE, params)
    first = (tmp_path / "state.npz").read_bytes()
    assert "drifted" not in " ".join(featurize(HERE, params))
    shutil.rmtree(tmp_path / "images")
    write_pictures(tmp_path / "images", landscapes(80))
    assert featurize(HERE, params)[-1].startswith(
        "The data has drifted from what the featurizer was"
    )
    assert (tmp_path / "state.npz").read_bytes() == first
    fit(HERE, params, force=True)
    assert "drifted" not in " ".join(featurize(HERE, params))
