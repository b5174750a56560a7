"""Bytes at a revision, through git and DVC; nothing is checked out, nothing written.

This package alone talks to git and DVC.
"""

from cgaudit.revisions.git import SHORT, Git
from cgaudit.revisions.hashes import known_md5s
from cgaudit.revisions.origin import Origin
from cgaudit.revisions.repository import WORKSPACE, Contents, Repository, Revision
from cgaudit.revisions.workspace import Change

__all__ = [
    "SHORT",
    "WORKSPACE",
    "Change",
    "Contents",
    "Git",
    "Origin",
    "Repository",
    "Revision",
    "known_md5s",
]
