"""The cards of the pages: one function draws one card from rows it is given or a question it asks."""
