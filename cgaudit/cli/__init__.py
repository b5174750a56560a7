"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cgaudit import __version__
from cgaudit.cli.apply import apply
from cgaudit.cli.audit import audit
from cgaudit.cli.console import drop_unwritable_output, take_over, tell_error, tell_one
from cgaudit.cli.doctor import doctor
from cgaudit.cli.dynamics import dynamics
from cgaudit.cli.export import export
from cgaudit.cli.imported import import_
from cgaudit.cli.init import init
from cgaudit.cli.review import review
from cgaudit.cli.signals import leave_orderly
from cgaudit.cli.stages import featurize, fit, report, run, score, select
from cgaudit.cli.versions import check, diff, history
from cgaudit.errors import CgauditError, MachineError
from cgaudit.wording.terminal import line


class _Commands(click.Group):
    """Prints a user's mistake as one message, and nothing else; other errors stay loud."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CgauditError as error:
            tell_error(error)
            ctx.exit(error.exit_code)
        except OSError as error:
            drop_unwritable_output()
            refused = MachineError(error)
            tell_error(refused)
            ctx.exit(refused.exit_code)
        except click.UsageError as error:
            raise click.UsageError(line(error.format_message()), error.ctx) from None
        except KeyboardInterrupt:
            tell_one("interrupted; outputs are what they were before.")
            ctx.exit(130)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command's first sentence whole: click would cut it to the line."""
        rows = [(name, _first_sentence(command)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _first_sentence(command: click.Command) -> str:
    first, *_ = (command.help or "").split("\n\n")
    return " ".join(first.split())


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="cgaudit")
def cli() -> None:
    """Audit the labels of a dataset kept in DVC, without training a model."""


for command in (
    *(init, audit, run, fit, featurize, score, select, report),
    *(diff, check, history, review, apply, export, dynamics, import_, doctor),
):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line; exits the process."""
    take_over()
    leave_orderly()
    cli.main(args=None if args is None else list(args), prog_name="cgaudit")
