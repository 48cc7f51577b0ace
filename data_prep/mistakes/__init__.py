"""Mistakes of English, one kind a file: each changes a list of tokens, or says that it finds no place."""
