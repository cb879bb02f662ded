# why: the name before the seed

# %% stream
#| export
def fingerprint(config):
    canonical = json.dumps(asdict(config), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def stream(seed, name):
    return np.random.default_rng([zlib.crc32(name.encode()), seed])
