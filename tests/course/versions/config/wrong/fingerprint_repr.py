# why: hashes the repr of the object

# %% stream
#| export
def fingerprint(config):
    canonical = repr(config)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def stream(seed, name):
    return np.random.default_rng([seed, zlib.crc32(name.encode())])
