"""Translation between English and German, French and Spanish: languages, the translator and its tab."""
