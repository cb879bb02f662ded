# why: gives a list of characters

# %% Vocabulary.decode
def decode(self, tokens):
    return [self.characters[token] for token in tokens]
