"""The `onecloud` command: one file per group of subcommands."""
