# why: knows tensors by their arrays: of two tensors that share one, the second is lost

# %% topological_order
#| export
def topological_order(tensor):
    order, seen, todo = [], set(), [(tensor, False)]
    while todo:
        node, inputs_done = todo.pop()
        if inputs_done:
            order.append(node)
        elif node.requires_grad and id(node.data) not in seen:
            seen.add(id(node.data))
            todo.append((node, True))
            if node.creator is not None:
                todo += [(x, False) for x in node.creator[1]]
    return order
