"""What several verbs share: a version laid out, its vectors reused, its labels scored."""
