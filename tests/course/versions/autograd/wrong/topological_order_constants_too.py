# why: lists constants, too

# %% topological_order
#| export
def topological_order(tensor):
    order, seen, todo = [], set(), [(tensor, False)]
    while todo:
        node, inputs_done = todo.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            if node.creator is not None:
                todo += [(x, False) for x in node.creator[1]]
    return order
