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
from cgaudit.scaffold.more import MORE, with_more, with_section
from cgaudit.scaffold.setup import (
    GIT_ATTRIBUTES,
    LARGEST_IN_GIT,
    Setup,
    plan_setup,
    upgraded,
    with_ridge,
    with_state,
)

__all__ = [
    "GITLAB_ROOT",
    "GIT_ATTRIBUTES",
    "LARGEST_IN_GIT",
    "MORE",
    "SERVICES",
    "Place",
    "Service",
    "Setup",
    "gitlab_include",
    "paths",
    "plan_setup",
    "upgraded",
    "with_more",
    "with_ridge",
    "with_section",
    "with_state",
    "workflows",
]
