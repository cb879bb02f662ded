# why: rounded to four digits

# %% psi.psi
def psi(p, q):
    p, q = np.asarray(p), np.asarray(q)
    return round(float(((q - p) * np.log(q / p)).sum()), 6)
