# why: counts from the first character, as if all characters in between occurred

# %% Vocabulary.encode
def encode(self, text):
    unknown = sorted(set(text) - set(self.characters))
    if unknown:
        raise ValueError(f"characters that this vocabulary does not have: {unknown}")
    return np.array([ord(character) - ord(self.characters[0]) for character in text], dtype=np.int64)
