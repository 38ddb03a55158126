"""How the weights of the text model are made: our own labelled corpus, and what is learned from it."""
