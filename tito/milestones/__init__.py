"""Recipes that train the user's own layers on a full data set: the recipe is given, the layers are theirs."""
