"""Checks of a repository, each a function that yields what it finds; `verbs/doctor` runs them."""
