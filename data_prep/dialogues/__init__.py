"""Synthetic dialogues about facts, made from word lists and real questions."""
