"""``python -m cgaudit``."""

from cgaudit.cli import main

main()
