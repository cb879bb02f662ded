# why: no dtype: of no characters numpy makes float64

# %% Vocabulary.encode
def encode(self, text):
    unknown = sorted(set(text) - set(self.characters))
    if unknown:
        raise ValueError(f"characters that this vocabulary does not have: {unknown}")
    return np.array([self.numbers[character] for character in text])
