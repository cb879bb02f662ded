# why: lets the dict complain

# %% Vocabulary.encode
def encode(self, text):
    unknown = sorted(set(text) - set(self.characters))
    if unknown:
        pass
    return np.array([self.numbers[character] for character in text], dtype=np.int64)
