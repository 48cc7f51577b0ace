"""One module a lesson: a core that takes and gives plain arrays, and `run`, which makes a Finding of it."""
