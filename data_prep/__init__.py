"""From corpora to encoded shards: registry, loading, cleaning, examples, recipes."""
