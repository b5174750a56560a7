"""Bytes at a revision, through git, Git LFS and DVC; nothing is checked out, nothing written.

This package alone talks to git and DVC.
"""

from cgaudit.revisions.dvchome import DvcHome
from cgaudit.revisions.folder import DvcIgnore, Links, dvc_root_of
from cgaudit.revisions.gaps import gaps
from cgaudit.revisions.git import FIRST_COMMIT, SHORT, Git
from cgaudit.revisions.hashes import known_md5s
from cgaudit.revisions.lfs import LONGEST_POINTER, is_lfs_pointer
from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Gap, Presence
from cgaudit.revisions.repository import Repository
from cgaudit.revisions.revision import WORKSPACE, Contents, Fetched, Revision
from cgaudit.revisions.workspace import Change

__all__ = [
    "FIRST_COMMIT",
    "LONGEST_POINTER",
    "SHORT",
    "WORKSPACE",
    "Change",
    "Contents",
    "DvcHome",
    "DvcIgnore",
    "Fetched",
    "Gap",
    "Git",
    "Links",
    "Output",
    "Presence",
    "Repository",
    "Revision",
    "dvc_root_of",
    "gaps",
    "is_lfs_pointer",
    "known_md5s",
]
