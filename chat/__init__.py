"""A chatbot that remembers what it was told: segments, the bot and its tab."""
