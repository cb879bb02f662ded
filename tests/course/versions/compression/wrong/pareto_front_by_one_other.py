# why: dominated by several that are each better in something

# %% pareto_front.pareto_front
def pareto_front(costs):
    front = np.ones(len(costs), bool)
    for i, own in enumerate(costs):
        others = costs[(costs <= own).all(axis=1)]
        front[i] = len(others) == 1
    return front
