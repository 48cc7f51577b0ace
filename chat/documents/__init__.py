"""Documents that a conversation is about: files to text, text to passages, passages by question. No torch."""

from chat.documents.files import LARGEST_FILE, read_document
from chat.documents.passages import Passage, passages_of
from chat.documents.retrieval import PassageIndex

__all__ = ["LARGEST_FILE", "Passage", "PassageIndex", "passages_of", "read_document"]
