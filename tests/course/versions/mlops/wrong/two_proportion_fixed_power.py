# why: always a power of 0.8

# %% two_proportion.sample_size
def sample_size(rate, lift, alpha=0.05, power=0.8):
    r, s, mean = rate, rate + lift, rate + lift / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(0.8)
    spread = z_alpha * math.sqrt(2 * mean * (1 - mean)) + z_power * math.sqrt(r * (1 - r) + s * (1 - s))
    return math.ceil((spread / lift) ** 2)
