"""Where a command's work runs."""

from __future__ import annotations

import click


def _run_there(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    from cgaudit.executor import running_on

    ctx.with_resource(running_on(name))


#: Of commands that score. It is no parameter of the data: no result depends on it.
on = click.option(
    "--on",
    metavar="serial|ray",
    expose_value=False,
    callback=_run_there,
    help="Where work runs: in this process, or on the Ray cluster that RAY_ADDRESS names. "
    "[default: CGAUDIT_ON, or serial]",
)
