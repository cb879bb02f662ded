# why: level by level: a tensor that is used early and late comes too late

# %% topological_order
#| export
def topological_order(tensor):
    order, seen, todo = [], set(), [tensor]
    while todo:
        node = todo.pop(0)
        if node.requires_grad and node not in seen:
            seen.add(node)
            order.insert(0, node)
            if node.creator is not None:
                todo += node.creator[1]
    return order
