"""What to type to install this package, and more of it, wherever it came from."""

from __future__ import annotations

import json
import subprocess

import pytest

from cgaudit import __version__, installed

INDEX = f"cgaudit=={__version__}"
GIT = "https://example.org/team/cgaudit"


class Distribution:
    """An installed package, as its metadata says."""

    requires = (
        "numpy>=1.26",
        'timm>=1.0; extra == "timm"',
        'torch-vision>=1.8 ; extra == "vision"',
        'a>=1; extra == "two"',
        'b; extra == "two"',
    )

    def __init__(self, direct_url):
        self._direct_url = direct_url

    def read_text(self, name):
        assert name == "direct_url.json"
        return (
            self._direct_url
            if isinstance(self._direct_url, str | None)
            else json.dumps(self._direct_url)
        )


def came(monkeypatch, direct_url):
    monkeypatch.setattr(installed, "_distribution", lambda: Distribution(direct_url))


def vcs(url):
    return {"url": url, "vcs_info": {"vcs": "git", "commit_id": "abc123"}}


@pytest.mark.parametrize(
    ("direct_url", "requirement", "known"),
    [
        (None, INDEX, True),
        (vcs(GIT), f"cgaudit @ git+{GIT}@abc123", True),
        (vcs("https://me:secret@example.org/c.git"), "cgaudit @ git+https://example.org/c.git@abc123",
         True),
        (vcs("ssh://git@example.org:22/c.git"), "cgaudit @ git+ssh://git@example.org:22/c.git@abc123",
         True),
        ({"url": f"{GIT}.whl", "archive_info": {}}, f"cgaudit @ {GIT}.whl", True),
        (vcs("file:///home/me/c"), INDEX, False),
        ({"url": "file:///home/me/c.whl", "archive_info": {}}, INDEX, False),
        ({"url": "file:///nowhere/at/all", "dir_info": {}}, INDEX, False),
        (vcs("https://example.org/$(touch x)"), INDEX, False),
        ("{", INDEX, True),
    ],
)  # fmt: skip
def test_another_machine_installs_it_from_where_it_came(
    monkeypatch, direct_url, requirement, known
):
    came(monkeypatch, direct_url)
    assert installed.source() == (requirement, known)


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("git@example.org:team/c.git", "ssh://git@example.org/team/c.git"),
        (GIT, GIT),
        ("/work/elsewhere", None),
    ],
)
def test_a_folder_stands_for_the_repository_it_was_cloned_from(monkeypatch, tmp_path, origin, url):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    git("remote", "add", "origin", origin)
    came(monkeypatch, {"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    commit = git("rev-parse", "HEAD")
    expected = (f"cgaudit @ git+{url}@{commit}", True) if url else (INDEX, False)
    assert installed.source() == expected


def test_an_extra_is_installed_by_what_it_consists_of(monkeypatch):
    came(monkeypatch, None)
    assert installed.install("vision") == "pip install 'torch-vision>=1.8'"
    assert installed.install("two") == "pip install 'a>=1' 'b'"
    monkeypatch.setattr(installed, "_distribution", lambda: None)
    assert installed.install("timm") == "pip install 'timm'"


def test_a_newer_release_comes_from_the_same_place(monkeypatch):
    came(monkeypatch, None)
    assert installed.upgrade() == "pip install --upgrade cgaudit"
    came(monkeypatch, vcs(GIT))
    assert installed.upgrade() == f"pip install --upgrade 'cgaudit @ git+{GIT}'"
    came(monkeypatch, vcs("file:///home/me/c"))
    assert "from where this one came from" in installed.upgrade()
