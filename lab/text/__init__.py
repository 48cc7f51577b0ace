"""Language models of letters and of words for the lessons, and the Markov models beside them."""
