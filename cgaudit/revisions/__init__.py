"""Bytes at a revision, through git and DVC; nothing is checked out, nothing written.

This package alone talks to git and DVC.
"""

from cgaudit.revisions.folder import DvcIgnore, Links, dvc_root_of
from cgaudit.revisions.gaps import Gap, gaps
from cgaudit.revisions.git import FIRST_COMMIT, SHORT, Git
from cgaudit.revisions.hashes import known_md5s
from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Presence
from cgaudit.revisions.repository import Repository
from cgaudit.revisions.revision import WORKSPACE, Contents, Revision
from cgaudit.revisions.workspace import Change

__all__ = [
    "FIRST_COMMIT",
    "SHORT",
    "WORKSPACE",
    "Change",
    "Contents",
    "DvcIgnore",
    "Gap",
    "Git",
    "Links",
    "Output",
    "Presence",
    "Repository",
    "Revision",
    "dvc_root_of",
    "gaps",
    "known_md5s",
]
