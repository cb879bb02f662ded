# why: names only the first unknown character

# %% Vocabulary.encode
def encode(self, text):
    unknown = sorted(set(text) - set(self.characters))
    if unknown:
        raise ValueError(f"characters that this vocabulary does not have: {unknown[0]!r}")
    return np.array([self.numbers[character] for character in text], dtype=np.int64)
