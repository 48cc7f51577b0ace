"""Dialogues for training and measuring the chatbot: generated facts amid real small talk."""

from data_prep.dialogues.generate import DialogueMaker, generate

__all__ = ["DialogueMaker", "generate"]
