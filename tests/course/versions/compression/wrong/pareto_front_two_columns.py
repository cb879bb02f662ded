# why: looks at the first two columns alone

# %% pareto_front.pareto_front
def pareto_front(costs):
    costs = costs[:, :2]
    return np.array([not ((costs <= own).all(axis=1) & (costs < own).any(axis=1)).any() for own in costs], bool)
