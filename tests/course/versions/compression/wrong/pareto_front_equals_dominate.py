# why: of equal ones only the first stays

# %% pareto_front.pareto_front
def pareto_front(costs):
    front = np.ones(len(costs), bool)
    for i, own in enumerate(costs):
        no_more, less = (costs <= own).all(axis=1), (costs < own).any(axis=1)
        twin = (costs[:i] == own).all(axis=1).any()
        front[i] = not (no_more & less).any() and not twin
    return front
