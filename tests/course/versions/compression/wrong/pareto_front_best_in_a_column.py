# why: only what is best in some column

# %% pareto_front.pareto_front
def pareto_front(costs):
    return (costs == costs.min(axis=0)).any(axis=1)
