"""`weft completion`: the script that teaches a shell to complete weft's commands and environments."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the shell completion script for bash, zsh or fish.

    bash: add `eval "$(weft completion bash)"` to ~/.bashrc. zsh: `eval "$(weft completion zsh)"` in ~/.zshrc.
    fish: `weft completion fish > ~/.config/fish/completions/weft.fish`.
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(context.find_root().command, {}, "weft", "_WEFT_COMPLETE").source())
