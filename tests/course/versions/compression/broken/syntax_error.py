# why: a colon is missing

# %% pareto_front
#| export
def pareto_front(costs):
    """Which candidates no other one dominates.

    costs: array (n, k): k costs of n candidates, such as bytes, errors and seconds; less is better
    A candidate is dominated if another one costs no more in any column, and less in at least one. So of two that are
    equal in all columns neither dominates the other.
    Returns a boolean array (n,).

    pareto_front(np.array([[1, 5], [2, 2], [3, 3]]))  is  [True, True, False]      (about 5 lines)
    """
    front = np.ones(len(costs), bool)
    for i, own in enumerate(costs)
        no_more, less = (costs <= own).all(axis=1), (costs < own).any(axis=1)
        front[i] = not (no_more & less).any()
    return front
    ### END SOLUTION
