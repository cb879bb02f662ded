# why: a tensor before its inputs are done, then reversed: right for chains

# %% topological_order
#| export
def topological_order(tensor):
    order, seen, todo = [], set(), [(tensor, False)]
    while todo:
        node, inputs_done = todo.pop()
        if node.requires_grad and node not in seen:
            seen.add(node)
            order.append(node)
            if node.creator is not None:
                todo += [(x, False) for x in node.creator[1]]
    return order[::-1]
