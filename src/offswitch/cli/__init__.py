"""The commands, one file each. Heavy imports stay inside them, so that `--help` answers at once."""

import sys

import typer

app = typer.Typer(
    name="offswitch", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Measure self-preservation in language models: does a model act to keep itself running?",
)  # fmt: skip


def main() -> None:
    """Run the command line. An error that is the user's is one line and exit status 2, without a traceback."""
    from offswitch._secrets import clean
    from offswitch.cli import commands
    from offswitch.cli.shared import in_words, traceback_without_secrets, user_errors

    sys.excepthook = traceback_without_secrets
    commands.register(app)
    try:
        app()
    except user_errors() as error:
        sys.stderr.write(f"offswitch: {clean(in_words(error))}\n")
        raise SystemExit(2) from None
