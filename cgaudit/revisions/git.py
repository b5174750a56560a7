"""What is asked of git, through its command line: one process a question, or one for many."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import RevisionError
from cgaudit.wording.text import nearest

SHORT = 7
FIRST_COMMIT = 'git add . && git commit -m "First version"'
#: Where DVC keeps the commits of experiments, by the commit that they were run from.
_EXPERIMENTS = "refs/exps"


#: What git says of a link that leads out of its commit, or nowhere; the link's text follows.
_LINKS = frozenset({b"symlink", b"dangling", b"loop", b"notdir"})


class Commit(NamedTuple):
    """One commit of a log: its full hash, its time (seconds since 1970) and its first line."""

    sha: str
    time: int
    subject: str


class Entry(NamedTuple):
    """A file, folder or submodule of a commit: its name is seen from the top."""

    mode: str
    kind: str
    oid: str
    name: str

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"


class Tag(NamedTuple):
    """One tag, with the commit it stands for and that commit's time."""

    name: str
    sha: str
    time: int


class Git:
    """A git repository.

    Parameters
    ----------
    root
        The top of its working tree.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def containing(cls, folder: Path) -> Git:
        """Return the repository that a folder lies in.

        Raises
        ------
        RevisionError
            It lies in none, or git is not installed.
        """
        try:
            top = Git(folder).text("rev-parse", "--show-toplevel")
        except RevisionError:
            raise RevisionError(
                f"{folder} is not in a git repository. Versions of a dataset are read from git: "
                "run this inside the repository that holds the data."
            ) from None
        return cls(Path(top.removesuffix("\n")))

    def commit(self, name: str) -> str:
        """Return the full hash of the commit that a name stands for.

        That is a branch, tag, hash, ``HEAD~1``, or an experiment of DVC's, which git knows by
        another name: of one that was run from several commits, that of HEAD is meant.

        Raises
        ------
        RevisionError
            There is none of that name, or several experiments.
        """
        if not name.startswith("-") and (found := self._commit(name)):
            return found
        experiments = self._experiments(name)
        if len(experiments) > 1:
            raise RevisionError(
                f"{name!r} names several experiments. Say which: {', '.join(experiments)}."
            )
        found = self._commit(experiments[0]) if experiments else None
        if found is None:
            raise RevisionError(self._unknown(name))
        return found

    def _commit(self, name: str) -> str | None:
        found = self._run("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}")
        return found.stdout.decode().strip() if found.returncode == 0 else None

    def _experiments(self, name: str) -> list[str]:
        """Return the refs of the experiments of a name, ``refs/exps/ab/cdef…/NAME``."""
        if not name:
            return []
        refs = self.text("for-each-ref", "--format=%(refname)", _EXPERIMENTS).split("\n")
        named = [ref for ref in refs if ref.count("/") == 4 and ref.endswith(f"/{name}")]
        head = self._commit("HEAD") or ""
        here = [ref for ref in named if ref.startswith(f"{_EXPERIMENTS}/{head[:2]}/{head[2:]}/")]
        return here or named

    def merge_base(self, a: str, b: str) -> str:
        """Return the hash of the best common ancestor of two commits.

        Raises
        ------
        RevisionError
            They have none, or it lies beyond what a shallow clone holds.
        """
        found = self._run("merge-base", a, b)
        if found.returncode == 0:
            return found.stdout.decode().strip()
        remedy = (
            self._deepen()
            if self.is_shallow()
            else "Name the two revisions apart, as in `cgaudit diff A B`."
        )
        raise RevisionError(f"{a[:SHORT]} and {b[:SHORT]} have no common ancestor here. {remedy}")

    def blob(self, commit: str, path: str) -> bytes | None:
        """Return a committed file's bytes, or None where the commit has no such file."""
        (content,) = self.blobs([(commit, path)])
        return content

    def blobs(self, wanted: Sequence[tuple[str, str]]) -> Iterator[bytes | None]:
        """Yield the bytes of (commit, path), or None where absent; one process for all of them.

        Links are followed to what the same commit holds.
        """
        asked = "".join(f"{commit}:{path}\n" for commit, path in wanted)
        answer = self._checked(
            "cat-file",
            "--batch",
            "--follow-symlinks",
            stdin=asked.encode("utf-8", "surrogateescape"),
        )
        at = 0
        for _ in wanted:
            end = answer.index(b"\n", at)
            header = answer[at:end].rsplit(b" ", 2)
            if len(header) == 3 and header[2].isdigit():
                size = int(header[2])
                yield answer[end + 1 : end + 1 + size] if header[1] == b"blob" else None
                at = end + 1 + size + 1
            elif len(header) == 2 and header[0] in _LINKS and header[1].isdigit():
                yield None
                at = end + 1 + int(header[1]) + 1
            else:
                yield None
                at = end + 1

    def commits_touching(
        self, path: str, start: str = "HEAD", *, since: str | None = None
    ) -> list[Commit]:
        """Return the commits that changed a file along first parents, the newest first."""
        return self._log("--first-parent", start, "--", path, since=since)

    def commits(self, shas: Iterable[str], *, since: str | None = None) -> list[Commit]:
        """Return these commits, the newest first."""
        return self._log("--no-walk", "--stdin", since=since, stdin="\n".join(shas))

    def _log(self, *arguments: str, since: str | None, stdin: str | None = None) -> list[Commit]:
        limits = [f"--since={since}"] if since else []
        command = ("log", "-z", "--format=%H%x00%ct%x00%s", *limits, *arguments)
        log = self._checked(*command, stdin=None if stdin is None else stdin.encode())
        fields = iter(log.decode("utf-8", "surrogateescape").split("\0"))
        return [
            Commit(sha, int(time), subject)
            for sha, time, subject in zip(fields, fields, fields, strict=False)
        ]

    def tags(self) -> list[Tag]:
        """Return the tags of commits, the oldest commit first."""
        fields = ("refname:short", "objecttype", "objectname", "committerdate:unix")
        peeled = ("*objecttype", "*objectname", "*committerdate:unix")
        asked = "%00".join(f"%({field})" for field in (*fields, *peeled))
        tags = []
        for line in self.text("for-each-ref", f"--format={asked}", "refs/tags").split("\n")[:-1]:
            name, *direct_and_peeled = line.split("\0")
            direct, behind = direct_and_peeled[:3], direct_and_peeled[3:]
            kind, sha, time = behind if behind[0] else direct
            if kind == "commit":
                tags.append(Tag(name, sha, int(time)))
        return sorted(tags, key=lambda tag: (tag.time, tag.name))

    def has_commits(self) -> bool:
        """Tell whether anything was committed or fetched."""
        return self._commit("HEAD") is not None or bool(self.text("for-each-ref"))

    def is_shallow(self) -> bool:
        """Tell whether history was cut off when cloning (``--depth``)."""
        return self.text("rev-parse", "--is-shallow-repository").strip() == "true"

    def is_partial(self) -> bool:
        """Tell whether file contents were left on the server when cloning (``--filter``)."""
        found = self._run("config", "--get-regexp", r"^remote\..*\.promisor$")
        return b"true" in found.stdout.lower()

    def complete(self, commit: str) -> None:
        """Fetch what a partial clone lacks of a commit; DVC would wait for it for ever."""
        self._checked("archive", "--output", os.devnull, "--format=tar", commit)

    def names(self, commit: str) -> list[str]:
        """Return the paths of all files of a commit."""
        return self.text("ls-tree", "-r", "-z", "--name-only", commit).split("\0")[:-1]

    def tree(self, commit: str, path: str, *, recursive: bool = False) -> list[Entry]:
        """Return what a commit has at a path, or all files below it."""
        below = ("-r",) if recursive else ()
        # "." stands for the top, which has no entry of its own.
        at = () if path == "." else ("--", path)
        listed = self.text("ls-tree", "-z", *below, "--full-tree", commit, *at)
        found = []
        for line in listed.split("\0")[:-1]:
            facts, _, name = line.partition("\t")
            mode, kind, oid = facts.split(" ")
            found.append(Entry(mode, kind, oid, name))
        return found

    def followed(self, commit: str, path: str) -> str | None:
        """Return the blob that a link of a commit leads to in the same commit, or None."""
        if "\n" in path:
            return None
        asked = f"{commit}:{path}\n".encode("utf-8", "surrogateescape")
        answer = self._checked("cat-file", "--batch-check", "--follow-symlinks", stdin=asked)
        header = answer.split(b"\n", 1)[0].split(b" ")
        is_blob = len(header) == 3 and header[1] == b"blob"
        return header[0].decode() if is_blob else None

    def setting(self, name: str) -> str | None:
        """Return a setting of git's configuration, None where it has none."""
        found = self._run("config", "--get", name)
        return found.stdout.decode().rstrip("\n") if found.returncode == 0 else None

    def is_tracked(self, path: Path) -> bool:
        """Tell whether git tracks a file of the working tree."""
        found = self._run("ls-files", "--error-unmatch", "--", str(path))
        return found.returncode == 0

    def files(self, folder: Path) -> list[str]:
        """Return the files below a folder that git tracks or does not ignore, relative to it."""
        below = folder.relative_to(self.root).as_posix()
        which = ("--cached", "--others", "--exclude-standard")
        listed = self.text("ls-files", "-z", *which, "--", below)
        return sorted(
            Path(name).relative_to(below).as_posix() for name in listed.split("\0") if name
        )

    def changed(self, paths: Iterable[str] = ()) -> list[str]:
        """Return the paths, relative to the root, that differ from HEAD or are untracked."""
        return self._status("--", *paths)

    def _status(self, *arguments: str) -> list[str]:
        listed = self.text("status", "--porcelain=v1", "-z", "--no-renames", *arguments)
        return [entry[3:] for entry in listed.split("\0") if entry]

    def in_conflict(self, commit: str | None = None) -> list[str]:
        """Return the files, relative to the root, that hold the conflict markers of a merge.

        Parameters
        ----------
        commit
            Where to look; None for the tracked files of the working tree.
        """
        where = [] if commit is None else [commit]
        found = self._run("grep", "-I", "-l", "-z", "-e", "^<<<<<<< ", *where)
        names = found.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [name.removeprefix(f"{commit}:") for name in names]

    def is_merging(self) -> bool:
        """Tell whether a merge waits for its conflicts to be resolved."""
        return bool(self.text("ls-files", "--unmerged"))

    def identities(self, path: str) -> dict[str, str]:
        """Return git's hash of each file of the working tree at or below a path, by its name.

        Git keeps those of files that did not change, so that few are read. What git ignores has
        none, and what a sparse checkout leaves out has that of the index.
        """
        known = {}
        for line in self.text("ls-files", "-z", "--stage", "--", path).split("\0")[:-1]:
            facts, _, name = line.partition("\t")
            known[name] = facts.split(" ")[1]
        changed = self._status("--untracked-files=all", "--", path)
        for name in changed:
            known.pop(name, None)
        here = [name for name in changed if (self.root / name).is_file()]
        return known | dict(zip(here, self._hashed(here), strict=True))

    def _hashed(self, names: list[str]) -> list[str]:
        """Return git's hashes of files as they would be committed, through a filter's eyes."""
        if any("\n" in name for name in names):
            return [self.text("hash-object", "--", name).strip() for name in names]
        asked = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        return self._checked("hash-object", "--stdin-paths", stdin=asked).decode().split()

    def states(self, path: str) -> dict[str, str]:
        """Return the files that git tracks at or below a path, ``S`` where no checkout has it."""
        listed = self.text("ls-files", "-z", "-t", "--", path).split("\0")[:-1]
        return {line[2:]: line[0] for line in listed}

    def untracked(self, path: str) -> list[str]:
        """Return the files at or below a path that git neither tracks nor ignores."""
        listed = self.text("ls-files", "-z", "--others", "--exclude-standard", "--", path)
        return listed.split("\0")[:-1]

    def started(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git command that is asked on its standard input, and answers."""
        return subprocess.Popen(
            ["git", "--literal-pathspecs", *arguments],
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )

    def text(self, *arguments: str) -> str:
        """Run a git command and return what it prints."""
        return self._checked(*arguments).decode("utf-8", "surrogateescape")

    def _checked(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = self._run(*arguments, stdin=stdin)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise RevisionError(f"`git {arguments[0]}` failed in {self.root}: {said}")
        return done.stdout

    def _run(
        self, *arguments: str, stdin: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        # Literal pathspecs: a file may be called "*.csv".
        try:
            return subprocess.run(
                ["git", "--literal-pathspecs", *arguments],
                cwd=self.root,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                env=_environment(),
                check=False,
            )
        except FileNotFoundError:
            raise RevisionError("git is not installed, or not on the PATH.") from None

    def _unknown(self, name: str) -> str:
        if not self.has_commits():
            return (
                f"There is no revision {name!r} here: this repository has no commit yet. Commit "
                f"the data and its scores, `{FIRST_COMMIT}`."
            )
        shallow = f" {self._deepen()}" if self.is_shallow() else ""
        refs = self.text("for-each-ref", "--format=%(refname:short)").split()
        elsewhere = [ref for ref in refs if ref.endswith(f"/{name}")]
        if elsewhere:
            return f"There is no revision {name!r} here, but {elsewhere[0]!r}: use that.{shallow}"
        guess = nearest(name, refs) or " `git branch -a` and `git tag` list what there is."
        return f"There is no revision {name!r} here.{guess}{shallow}"

    @staticmethod
    def _deepen() -> str:
        return (
            "This clone is shallow: fetch the whole history with `git fetch --unshallow` (in "
            "GitHub Actions `fetch-depth: 0` for actions/checkout, in GitLab `GIT_DEPTH: 0`)."
        )


def _environment() -> dict[str, str]:
    """Return git's environment.

    No optional locks: reading must not get in the way of a git command that runs at the same time.
    """
    return {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
