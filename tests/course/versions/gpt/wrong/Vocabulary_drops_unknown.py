# why: leaves unknown characters out without a word

# %% Vocabulary.encode
def encode(self, text):
    unknown = sorted(set(text) - set(text))
    if unknown:
        raise ValueError(f"characters that this vocabulary does not have: {unknown}")
    return np.array([self.numbers[character] for character in text if character in self.numbers], dtype=np.int64)
