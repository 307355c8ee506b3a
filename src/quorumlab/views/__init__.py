"""Pictures: pure functions from parameters to a ``View``, which is a sentence, an alt text, a table and a drawing. One module a topic."""
