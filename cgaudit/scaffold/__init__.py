"""Setting up an existing DVC repo for the audit; the only importer of ruamel.yaml."""

from cgaudit.scaffold.ci import (
    GITLAB_ROOT,
    SERVICES,
    Place,
    Service,
    gitlab_include,
    paths,
    workflows,
)
from cgaudit.scaffold.ignored import GIT_ATTRIBUTES, GIT_IGNORE, ignoring
from cgaudit.scaffold.more import MORE, with_more, with_section
from cgaudit.scaffold.setup import (
    Setup,
    plan_setup,
    upgraded,
    with_ridge,
    with_state,
)
from cgaudit.scaffold.state import is_large, keep_state, state_is_kept, tracked_state

__all__ = [
    "GITLAB_ROOT",
    "GIT_ATTRIBUTES",
    "GIT_IGNORE",
    "MORE",
    "SERVICES",
    "Place",
    "Service",
    "Setup",
    "gitlab_include",
    "ignoring",
    "is_large",
    "keep_state",
    "paths",
    "plan_setup",
    "state_is_kept",
    "tracked_state",
    "upgraded",
    "with_more",
    "with_ridge",
    "with_section",
    "with_state",
    "workflows",
]
