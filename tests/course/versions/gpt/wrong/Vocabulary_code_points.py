# why: takes a token for a code point

# %% Vocabulary.decode
def decode(self, tokens):
    return "".join(chr(ord(self.characters[0]) + token) for token in tokens)
