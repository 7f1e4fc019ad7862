"""The subcommands of ``grootboek``, one per file."""
