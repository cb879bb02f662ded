# why: dominated only by what is less in every column

# %% pareto_front.pareto_front
def pareto_front(costs):
    front = np.ones(len(costs), bool)
    for i, own in enumerate(costs):
        front[i] = not (costs < own).all(axis=1).any()
    return front
